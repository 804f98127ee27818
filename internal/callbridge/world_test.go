package callbridge

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// run is one session of a simulated server. Its times are true times, counted from the
// variable epoch.
type run struct {
	session string
	source  string // the identity that its server was given
	server  int
	number  int // counts the runs of its server from 0
	boot    time.Duration
	// The clock is ahead by offset until the time stepAt, and by offsetAfterStep
	// afterwards. It does not step if stepAt is 0.
	offset, offsetAfterStep, stepAt time.Duration
}

// offsetAt returns how far the clock is ahead at the given true time.
func (r *run) offsetAt(at time.Duration) time.Duration {
	if r.stepAt > 0 && at >= r.stepAt {
		return r.offsetAfterStep
	}
	return r.offset
}

// delivery is the first receipt of a record. Its durations are true times, counted from
// the variable epoch.
type delivery struct {
	run               *run
	index             uint64
	written, received time.Duration
	recordTime        time.Time // by the run's clock
}

// lag returns the time between writing and receipt of the record.
func (d *delivery) lag() time.Duration { return d.received - d.written }

// clockOffset returns how far the record time is ahead of the true time.
func (d *delivery) clockOffset() time.Duration { return d.run.offsetAt(d.written) }

// world simulates the records of three servers over some days.
type world struct {
	random *rand.Rand
	// accurateClocks is set if no clock is ahead or behind.
	accurateClocks bool
	// If identityShared is set, the runs of the second server that boot before the time
	// separatedAt have the identity of the first server.
	identityShared bool
	separatedAt    time.Duration
	deliveries     []*delivery // in the order of receipt
}

// simulated is the time within which runs boot. The last run of a server can end up to 60
// hours later.
const simulated = 10 * day

func newWorld(seed uint64) *world {
	w := &world{random: rand.New(rand.NewPCG(seed, 7))}
	w.accurateClocks, w.identityShared = w.random.IntN(3) == 0, w.random.IntN(4) == 0
	w.separatedAt = w.between(2*day, 5*day)
	for server := range 3 {
		secondURI := w.random.IntN(2) == 0 && !w.identityShared
		w.addServer(server, secondURI, w.between(2*hour, 5*hour))
	}
	slices.SortStableFunc(w.deliveries, func(a, b *delivery) int { return cmp.Compare(a.received, b.received) })
	return w
}

// between returns a random duration from a to less than b.
func (w *world) between(a, b time.Duration) time.Duration {
	return a + time.Duration(w.random.Int64N(int64(b-a)))
}

// addServer adds the runs of a server and their deliveries. lag is that of its second
// receiver URI, if it has one.
func (w *world) addServer(server int, secondURI bool, lag time.Duration) {
	at := w.between(0, day)
	for number := 0; at < simulated; number++ {
		r := w.newRun(server, number, at)
		at += w.between(20*minute, []time.Duration{3 * hour, 60 * hour}[w.random.IntN(2)])
		w.addDeliveries(r, at, secondURI, lag)
		at += w.between(2*minute, 20*minute)
	}
}

// newRun returns a run that boots at the given time.
func (w *world) newRun(server, number int, at time.Duration) *run {
	r := &run{session: fmt.Sprintf("server %d run %d", server, number), source: fmt.Sprint(server), server: server, number: number, boot: at}
	if w.identityShared && server == 1 && at < w.separatedAt {
		r.source = "0"
	}
	offsets := []time.Duration{0, 0, 0, 3 * minute, -3 * minute, 3 * day, -3 * day, year, -year, -50 * year}
	if !w.accurateClocks {
		r.offset = offsets[w.random.IntN(len(offsets))]
		if w.random.IntN(2) == 0 {
			r.stepAt = at + w.between(minute, 10*hour)
			r.offsetAfterStep = []time.Duration{0, 0, -hour, 2 * minute}[w.random.IntN(4)]
		}
	}
	return r
}

// addDeliveries adds the deliveries of a run that ends at the given time. The first
// receiver URI can lose the first records, the last ones or all. The second URI, if
// any, delivers those after the lag, and can itself lose the first records of the run.
func (w *world) addDeliveries(r *run, end time.Duration, secondURI bool, lag time.Duration) {
	var written []time.Duration
	for at := r.boot + time.Second; at < end; at += w.between(time.Second, 40*minute) {
		written = append(written, at)
	}
	// The first URI delivers the indices [first, last), the second the others from secondFirst.
	first, last, secondFirst := 0, len(written), 0
	switch w.random.IntN(8) {
	case 0:
		first = w.random.IntN(len(written))
	case 1:
		last = first + w.random.IntN(len(written)-first)
	case 2:
		first = last
	}
	if w.random.IntN(2) == 0 {
		secondFirst = min(w.random.IntN(3), len(written)-1)
	}
	for index, at := range written {
		d := &delivery{run: r, index: uint64(index), written: at, recordTime: epoch.Add(at + r.offsetAt(at)).Truncate(time.Second)}
		switch {
		case index >= first && index < last:
			d.received = at + w.between(time.Second, 3*time.Second)/10 // 0.1 to 0.3 seconds
		case secondURI && index >= secondFirst:
			d.received = at + lag
		default:
			continue
		}
		w.deliveries = append(w.deliveries, d)
	}
}
