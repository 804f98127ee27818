package correlate

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// computedBytes computes the value of Bytes from the whole session.
func computedBytes(s *Session) (n int) {
	for _, entity := range s.open {
		n += entity.bytes()
	}
	for i := range s.closed.ring {
		n += s.closed.ring[i].bytes()
	}
	return n + perAlias*len(s.aliases) + bytesOf(s.departures)
}

// TestBytesEqualComputation checks that Bytes equals a computation from the whole
// session, after random transactions, some of them dropped, and after a restart.
func TestBytesEqualComputation(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9))
	session := newSession(Limits{MaxOpen: 6, Expire: time.Hour})
	require.Zero(t, session.Bytes())
	highest := 0
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
		require.Equal(t, computedBytes(session), session.Bytes(), "transaction %d", index)
		highest = max(highest, session.Bytes())
	}
	require.Len(t, session.closed.ring, maxClosed, "the ring was never full")
	require.Greater(t, highest, 100_000)

	restored := newSession(highLimits)

	restored.Restore("cms1", session.State(), slices.Collect(session.Open()), time.Second, 4000)
	require.Equal(t, computedBytes(restored), restored.Bytes())
	tx := restored.Begin("cms1", second(5000))
	tx.CloseIncomplete(restored.PlanAll(Shutdown))
	tx.Commit()
	require.Equal(t, restored.closed.bytes, restored.Bytes(), "Bytes counts more than the closed entities")
}

// typicalLegRecords returns the records of a leg with addresses and some events, in a call of
// ten legs. Those of the first leg begin with the start record of the call.
func typicalLegRecords(n int) []*cdr.Record {
	id, callID := fmt.Sprintf("1e900000-0000-4000-8000-%012d", n), fmt.Sprintf("ca110000-0000-4000-8000-%012d", n/10)
	leg := cdr.CallLeg{
		DisplayName: fmt.Sprint("Room number ", n), RemoteAddress: fmt.Sprintf("room%d@video.example.com", n), RemoteParty: fmt.Sprintf("room%d@example.com", n),
		LocalAddress: fmt.Sprintf("ward%d@cms.example.com", n/10), Type: "sip", Direction: "incoming", SIPCallID: "1b0b2c3d" + id, GroupID: "9e0f" + id[4:],
	}
	inCall := leg
	inCall.Call = callID
	records := []*cdr.Record{
		{ID: id, Body: &cdr.CallLegStart{CallLeg: leg}},
		{ID: id, Body: &cdr.CallLegUpdate{CallLeg: inCall, State: "connected"}},
		{ID: id, Body: &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{ConfirmationStatus: "notRequired", CDRTag: "north"}}},
	}
	if n%10 == 0 {
		body := &cdr.CallStart{Call: cdr.Call{
			Name: fmt.Sprint("Ward ", n), CallType: "coSpace", CoSpace: "c05b" + callID[4:], Correlator: "c022" + callID[4:], OwnerName: "Ffion Pugh",
		}}
		records = append([]*cdr.Record{{ID: callID, Body: body}}, records...)
	}
	return records
}

// verboseLegRecords returns the records of a leg with the highest number of extras and many
// events.
func verboseLegRecords(n int) (records []*cdr.Record) {
	id := fmt.Sprintf("1e900000-0000-4000-8000-%012d", n)
	for i := range 40 {
		records = append(records, &cdr.Record{
			ID: id, Body: &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{DisplayName: fmt.Sprint(i, strings.Repeat("x", 400))}},
			Nodes: []cdr.Node{{Name: fmt.Sprint("unknown", i), Text: strings.Repeat("y", 300)}},
		})
	}
	return records
}

// replacedTextRecords returns the records of a leg that starts with a short name and other
// texts of the highest length. An update replaces these by short ones. The name stays, and
// must not keep the replaced texts in memory.
func replacedTextRecords(n int) []*cdr.Record {
	id := fmt.Sprintf("1e900000-0000-4000-8000-%012d", n)
	start, update := cdr.CallLegStart{}, cdr.CallLegUpdate{}
	for _, field := range LegTextFields[1:] {
		*field.Pointer(&start.CallLeg), *field.Pointer(&update.CallLeg) = strings.Repeat("x", maxText), "short"
	}
	start.DisplayName = "Room 1"
	return []*cdr.Record{{ID: id, Body: &start}, {ID: id, Body: &update}}
}

// TestReplacedTexts checks that a leg does not keep the memory of texts that were replaced,
// because Bytes does not count them.
func TestReplacedTexts(t *testing.T) {
	estimated, used := measure(t, 1, 500, replacedTextRecords)
	require.Less(t, used, 2*estimated)
}

// endedLegRecords returns the records of a leg that ended.
func endedLegRecords(n int) []*cdr.Record {
	id := fmt.Sprintf("1e900000-0000-4000-8000-%012d", n)
	return []*cdr.Record{
		{ID: id, Body: &cdr.CallLegStart{}},
		{ID: id, Body: &cdr.CallLegEnd{}},
	}
}

// measure applies the records of each entity to each session. It returns the sum of the
// sessions' Bytes as estimated, and the heap memory that they use as used. Ids, names and
// addresses are new strings for each entity, as in received documents.
func measure(t testing.TB, sessionCount, entities int, recordsOf func(int) []*cdr.Record) (estimated, used int) {
	t.Helper()
	heap := func() int {
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int(stats.HeapAlloc)
	}
	before := heap()
	sessions := make([]*Session, sessionCount)
	for i := range sessions {
		sessions[i] = newSession(Limits{MaxOpen: 1 << 20, Expire: time.Hour})
		index := 0
		for n := range entities {
			for _, record := range recordsOf(n) {
				record.Time, record.CorrelatorIndex = second(index), uint64(index)
				commitRecords(sessions[i], "cms1", second(index), record)
				index++
			}
		}
	}
	used = heap() - before
	for _, session := range sessions {
		require.Equal(t, computedBytes(session), session.Bytes())
		estimated += session.Bytes()
	}
	runtime.KeepAlive(sessions)
	return estimated, used
}

// BenchmarkBytes compares Bytes with the heap memory in use. They must differ by less
// than a factor of two.
func BenchmarkBytes(b *testing.B) {
	cases := []struct {
		name               string
		sessions, entities int
		recordsOf          func(int) []*cdr.Record
	}{
		{"legs", 1, 20_000, typicalLegRecords},
		{"small sessions", 200, 50, typicalLegRecords},
		{"verbose legs", 1, 500, verboseLegRecords},
		{"replaced texts", 1, 500, replacedTextRecords},
		{"closed legs", 20, maxClosed, endedLegRecords},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				estimated, used := measure(b, c.sessions, c.entities, c.recordsOf)
				b.ReportMetric(float64(used)/float64(c.sessions*c.entities), "B/entity")
				b.ReportMetric(float64(estimated)/float64(used), "estimated/used")
				require.Less(b, estimated, 2*used)
				require.Less(b, used, 2*estimated)
			}
		})
	}
}
