package correlate

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// walked computes the value of Bytes from the whole session.
func walked(s *Session) (n int) {
	for _, entity := range s.open {
		n += entity.bytes()
	}
	for i := range s.closed.ring {
		n += s.closed.ring[i].bytes()
	}
	return n + perAlias*len(s.aliases) + bytesOf(s.departures)
}

// TestBytesInStep checks that Bytes equals a full computation in random histories
// with dropped transactions and a restart.
func TestBytesInStep(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9))
	session := newSession(Limits{MaxOpen: 6, Expire: time.Hour})
	require.Zero(t, session.Bytes())
	most := 0
	for index := range 4000 {
		tx := session.Begin("cms1", second(index))
		for i := range 1 + random.IntN(4) {
			tx.Apply(randomRecord(random, index+i))
		}
		if index%7 == 0 {
			tx.Drop()
		} else {
			tx.Commit()
		}
		require.Equal(t, walked(session), session.Bytes(), "document %d", index)
		most = max(most, session.Bytes())
	}
	require.Len(t, session.closed.ring, maxClosed, "the ring never turned")
	require.Greater(t, most, 100_000)

	again := newSession(roomy)
	var open []Entity
	for entity := range session.Open() {
		open = append(open, entity)
	}
	again.Restore(session.State(), open, time.Second, 4000)
	require.Equal(t, walked(again), again.Bytes())
	tx := again.Begin("cms1", second(5000))
	tx.CloseIncomplete(again.PlanAll(Shutdown))
	tx.Commit()
	require.Equal(t, again.closed.bytes, again.Bytes(), "something of what is closed is still counted")
}

// aLegOf returns a leg like a real one, with its call, addresses and some events.
func aLegOf(n int) []*cdr.Record {
	id, call := fmt.Sprintf("1e900000-0000-4000-8000-%012d", n), fmt.Sprintf("ca110000-0000-4000-8000-%012d", n/10)
	leg := cdr.CallLeg{
		DisplayName: fmt.Sprint("Room number ", n), RemoteAddress: fmt.Sprintf("room%d@video.example.com", n), RemoteParty: fmt.Sprintf("room%d@example.com", n),
		LocalAddress: fmt.Sprintf("ward%d@cms.example.com", n/10), Type: "sip", Direction: "incoming", SIPCallID: "1b0b2c3d" + id, GroupID: "9e0f" + id[4:],
	}
	joins := leg
	joins.Call = call
	records := []*cdr.Record{
		{ID: id, Body: &cdr.CallLegStart{CallLeg: leg}},
		{ID: id, Body: &cdr.CallLegUpdate{CallLeg: joins, State: "connected"}},
		{ID: id, Body: &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{ConfirmationStatus: "notRequired", CDRTag: "north"}}},
	}
	if n%10 == 0 {
		body := &cdr.CallStart{Call: cdr.Call{
			Name: fmt.Sprint("Ward ", n), CallType: "coSpace", CoSpace: "c05b" + call[4:], Correlator: "c022" + call[4:], OwnerName: "Ffion Pugh",
		}}
		records = append([]*cdr.Record{{ID: call, Body: body}}, records...)
	}
	return records
}

// aVerboseLeg returns a leg with as many extras and events as possible.
func aVerboseLeg(n int) (records []*cdr.Record) {
	id := fmt.Sprintf("1e900000-0000-4000-8000-%012d", n)
	for i := range 40 {
		records = append(records, &cdr.Record{
			ID: id, Body: &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{DisplayName: fmt.Sprint(i, strings.Repeat("x", 400))}},
			Nodes: []cdr.Node{{Name: fmt.Sprint("unknown", i), Text: strings.Repeat("y", 300)}},
		})
	}
	return records
}

// anEndedLeg leaves its id and its last position.
func anEndedLeg(n int) []*cdr.Record {
	id := fmt.Sprintf("1e900000-0000-4000-8000-%012d", n)
	return []*cdr.Record{
		{ID: id, Body: &cdr.CallLegStart{}},
		{ID: id, Body: &cdr.CallLegEnd{}},
	}
}

// sized compares Bytes with the memory in use. Each document has texts of its own, as
// a received one has.
func sized(t testing.TB, sessions, entities int, history func(int) []*cdr.Record) (says, takes int) {
	heap := func() int {
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int(stats.HeapAlloc)
	}
	before := heap()
	all := make([]*Session, sessions)
	for i := range all {
		all[i] = newSession(Limits{MaxOpen: 1 << 20, Expire: time.Hour})
		index := 0
		for n := range entities {
			for _, record := range history(n) {
				record.Time, record.CorrelatorIndex = second(index), uint64(index)
				tx := all[i].Begin("cms1", second(index))
				tx.Apply(record)
				tx.Commit()
				index++
			}
		}
	}
	takes = heap() - before
	for _, one := range all {
		require.Equal(t, walked(one), one.Bytes())
		says += one.Bytes()
	}
	runtime.KeepAlive(all)
	return says, takes
}

// BenchmarkBytes compares Bytes with the memory in use; they differ by less than a
// factor of two.
func BenchmarkBytes(b *testing.B) {
	cases := []struct {
		name               string
		sessions, entities int
		history            func(int) []*cdr.Record
	}{
		{"legs", 1, 20_000, aLegOf},
		{"small sessions", 200, 50, aLegOf},
		{"verbose legs", 1, 500, aVerboseLeg},
		{"ended legs", 20, maxClosed, anEndedLeg},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				says, takes := sized(b, c.sessions, c.entities, c.history)
				b.ReportMetric(float64(takes)/float64(c.sessions*c.entities), "B/entity")
				b.ReportMetric(float64(says)/float64(takes), "says/takes")
				require.Less(b, says, 2*takes)
				require.Less(b, takes, 2*says)
			}
		})
	}
}
