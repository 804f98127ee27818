package meeting

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

const correlator = "c0221a70-0000-4000-8000-000000000001"

var eight = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func at(second int) pcommon.Timestamp {
	return pcommon.NewTimestampFromTime(eight.Add(time.Duration(second) * time.Second))
}

// callOn is the call of one of several Call Bridges, and the trace that it
// would start.
func callOn(bridge byte) (Call, pcommon.TraceID) {
	return Call{Session: fmt.Sprint("session ", bridge), ID: fmt.Sprint("call ", bridge)}, pcommon.TraceID{bridge}
}

func TestMeeting(t *testing.T) {
	a, traceA := callOn(1)
	b, traceB := callOn(2)
	c, traceC := callOn(3)
	r := New()
	require.Equal(t, traceA, r.Join(correlator, a, traceA, at(1), at(1)))
	require.Equal(t, traceA, r.Join(correlator, b, traceB, at(0), at(2)), "it overlaps")
	require.Equal(t, traceA, r.Join(correlator, b, traceB, at(0), at(3)), "told again")
	with := func(d Departure) Departure {
		d.Correlator, d.Trace = correlator, traceA
		return d
	}
	require.Equal(t, with(Departure{Shared: true, Start: at(0), End: at(10)}), r.Leave(a, at(10)))
	r.Forget(a)
	require.Equal(t, traceA, r.Join(correlator, c, traceC, at(11), at(11)), "the first has left, the second is there")
	require.Equal(t, with(Departure{Shared: true, Start: at(0), End: at(20)}), r.Leave(c, at(20)))
	require.Equal(t, with(Departure{Shared: true, Last: true, Start: at(0), End: at(20)}), r.Leave(b, at(19)))
	require.Equal(t, with(Departure{Shared: true, Last: true, Start: at(0), End: at(20)}), r.Leave(b, at(19)), "told again")
	require.Equal(t, with(Departure{Shared: true, Start: at(0), End: at(20)}), r.Leave(c, at(20)), "the other one told again")
	r.Forget(b)
	r.Forget(c)
	require.Zero(t, r.Count())

	// The same coSpace an hour later is another meeting; alone, it has no span.
	require.Equal(t, traceB, r.Join(correlator, b, traceB, at(3600), at(3600)))
	alone := Departure{Last: true, Correlator: correlator, Trace: traceB, Start: at(3600), End: at(3700)}
	require.Equal(t, alone, r.Leave(b, at(3700)))
	require.Equal(t, traceC, r.Join(correlator, c, traceC, at(3701), at(3701)), "seen on arrival to have ended, though not accepted yet")
	require.Equal(t, Departure{}, r.Leave(a, at(1)), "one that never joined")
}

// TestAbandoned: what was told and never accepted is found when nobody has told
// it again for a while.
func TestAbandoned(t *testing.T) {
	a, traceA := callOn(1)
	b, traceB := callOn(2)
	r := New()
	r.Join(correlator, a, traceA, at(0), at(0))
	r.Confirm(a)
	r.Join(correlator, a, traceA, at(0), at(1))
	r.Join(correlator, b, traceB, at(0), at(0))
	r.Join(correlator, b, traceB, at(0), at(60))
	require.Empty(t, r.Abandoned(b.Session, at(60)))
	require.Empty(t, r.Abandoned(a.Session, at(61)), "accepted, and so pending no more")
	require.Equal(t, []Call{b}, r.Abandoned(b.Session, at(61)))
	r.Leave(b, at(0))
	r.Forget(b)
	require.Empty(t, r.Abandoned(b.Session, at(61)))
}

// TestRaces: however calls that start and end at once interleave, they are in
// one trace and exactly one of them owns the meeting's span.
func TestRaces(t *testing.T) {
	const calls = 4
	for round := range 500 {
		r := New()
		traces := make([]pcommon.TraceID, calls)
		departures := make([]Departure, calls)
		var started, ended sync.WaitGroup
		started.Add(calls)
		for n := range byte(calls) {
			ended.Go(func() {
				call, trace := callOn(n)
				for range 3 {
					traces[n] = r.Join(correlator, call, trace, at(int(n)), at(0))
				}
				started.Done()
				started.Wait()
				for range 3 {
					departures[n] = r.Leave(call, at(100+int(n)))
				}
				r.Forget(call)
			})
		}
		ended.Wait()
		last := 0
		for n := range calls {
			require.Equal(t, traces[0], traces[n], "round %d", round)
			require.True(t, departures[n].Shared)
			if departures[n].Last {
				last++
				require.Equal(t, at(103), departures[n].End)
				require.Equal(t, at(0), departures[n].Start)
			}
		}
		require.Equal(t, 1, last, "round %d", round)
		require.Zero(t, r.Count())
		require.Empty(t, r.open)
		require.Empty(t, r.pending)
	}
}

// TestWhereabouts: a leg that ended is known for a while, and forgotten by
// number, not by time.
func TestWhereabouts(t *testing.T) {
	r := New()
	_, known := r.TraceOf("leg 0")
	require.False(t, known)
	r.LegIn("open", pcommon.TraceID{7})
	for n := range 2*remembered + 1 {
		r.LegEnded(fmt.Sprint("leg ", n), pcommon.TraceID{8})
	}
	trace, known := r.TraceOf(fmt.Sprint("leg ", 2*remembered))
	require.True(t, known)
	require.Equal(t, pcommon.TraceID{8}, trace)
	_, known = r.TraceOf(fmt.Sprint("leg ", remembered))
	require.False(t, known)
	trace, _ = r.TraceOf("open")
	require.Equal(t, pcommon.TraceID{7}, trace)
	require.Len(t, r.legs.traces, remembered+1)
}
