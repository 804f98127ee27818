package callbridge

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// run is the truth about one session: its server, its times, and the error of its
// clock.
type run struct {
	id     string
	name   string // the identity that its server was given
	server int
	number int // of the run of its server
	boot   time.Duration
	// offset is how far the clock is ahead until step, and stepped from then on.
	offset, stepped, step time.Duration
}

func (r *run) clock(at time.Duration) time.Duration {
	if r.step > 0 && at >= r.step {
		return r.stepped
	}
	return r.offset
}

// receipt is a record that is received for the first time. True times count from the
// epoch.
type receipt struct {
	of             *run
	index          uint64
	made, received time.Duration
	recordTime     time.Time // the record's time
}

func (r *receipt) lag() time.Duration { return r.received - r.made }

// ahead returns how far the record's time is ahead of the true time.
func (r *receipt) ahead() time.Duration { return r.of.clock(r.made) }

// world generates the records of three servers over some days.
type world struct {
	random *rand.Rand
	// right is set if all clocks are right. With pair the first two servers share a
	// name until the parting, when the second gets its own.
	right, pair bool
	parting     time.Duration
	runs        []*run
	receipts    []*receipt
}

const span = 10 * day

func newWorld(seed uint64) *world {
	w := &world{random: rand.New(rand.NewPCG(seed, 7))}
	w.right, w.pair = w.random.IntN(3) == 0, w.random.IntN(4) == 0
	w.parting = w.between(2*day, 5*day)
	for server := range 3 {
		second := w.random.IntN(2) == 0 && !w.pair // a second URI, hours behind
		w.serve(server, second, w.between(2*hour, 5*hour))
	}
	slices.SortStableFunc(w.receipts, func(a, b *receipt) int { return cmp.Compare(a.received, b.received) })
	return w
}

func (w *world) between(a, b time.Duration) time.Duration {
	return a + time.Duration(w.random.Int64N(int64(b-a)))
}

func (w *world) serve(server int, second bool, lag time.Duration) {
	at := w.between(0, day)
	for number := 0; at < span; number++ {
		of := w.boot(server, number, at)
		at += w.between(20*minute, []time.Duration{3 * hour, 60 * hour}[w.random.IntN(2)])
		w.records(of, at, second, lag)
		at += w.between(2*minute, 20*minute)
	}
}

func (w *world) boot(server, number int, at time.Duration) *run {
	of := &run{id: fmt.Sprintf("server %d run %d", server, number), name: fmt.Sprint(server), server: server, number: number, boot: at}
	if w.pair && server == 1 && at < w.parting {
		of.name = "0"
	}
	offsets := []time.Duration{0, 0, 0, 3 * minute, -3 * minute, 3 * day, -3 * day, year, -year, -50 * year}
	if !w.right {
		of.offset = offsets[w.random.IntN(len(offsets))]
		if w.random.IntN(2) == 0 {
			of.step = at + w.between(minute, 10*hour)
			of.stepped = []time.Duration{0, 0, -hour, 2 * minute}[w.random.IntN(4)]
		}
	}
	w.runs = append(w.runs, of)
	return of
}

// records returns the records of a run. The first URI loses some at random; the
// second delivers all of them, or all but the beginning.
func (w *world) records(of *run, until time.Duration, second bool, lag time.Duration) {
	var made []time.Duration
	for at := of.boot + time.Second; at < until; at += w.between(time.Second, 40*minute) {
		made = append(made, at)
	}
	head, tail, late := 0, len(made), 0
	switch w.random.IntN(8) {
	case 0:
		head = w.random.IntN(len(made)) // its beginning is lost
	case 1:
		tail = head + w.random.IntN(len(made)-head) // its end
	case 2:
		head = tail // all of it
	}
	if w.random.IntN(2) == 0 {
		late = min(w.random.IntN(3), len(made)-1)
	}
	for index, at := range made {
		r := &receipt{of: of, index: uint64(index), made: at, recordTime: epoch.Add(at + of.clock(at)).Truncate(time.Second)}
		switch {
		case index >= head && index < tail:
			r.received = at + w.between(time.Second, 3*time.Second)/10
		case second && index >= late:
			r.received = at + lag
		default:
			continue
		}
		w.receipts = append(w.receipts, r)
	}
}
