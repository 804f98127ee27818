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

// join lets a call of a Call Bridge of its own join the one correlator.
func (r *Registry) join(call Call, trace pcommon.TraceID, start, now pcommon.Timestamp) pcommon.TraceID {
	return r.Join(Joining{Call: call, Source: call.Session, Correlator: correlator, Trace: trace, Start: start}, now)
}

func TestMeeting(t *testing.T) {
	a, traceA := callOn(1)
	b, traceB := callOn(2)
	c, traceC := callOn(3)
	r := New()
	require.Equal(t, traceA, r.join(a, traceA, at(1), at(1)))
	require.Equal(t, traceA, r.join(b, traceB, at(0), at(2)), "it overlaps")
	require.Equal(t, traceA, r.join(b, traceB, at(0), at(3)), "told again")
	with := func(d Departure) Departure {
		d.Correlator, d.Trace = correlator, traceA
		return d
	}
	require.Equal(t, with(Departure{Shared: true, Start: at(0), End: at(10)}), r.Leave(a, at(10)))
	r.Forget(a)
	require.Equal(t, traceA, r.join(c, traceC, at(11), at(11)), "the first has left, the second is there")
	require.Equal(t, with(Departure{Shared: true, Start: at(0), End: at(20)}), r.Leave(c, at(20)))
	require.Equal(t, with(Departure{Shared: true, Last: true, Start: at(0), End: at(20)}), r.Leave(b, at(19)))
	require.Equal(t, with(Departure{Shared: true, Last: true, Start: at(0), End: at(20)}), r.Leave(b, at(19)), "told again")
	require.Equal(t, with(Departure{Shared: true, Start: at(0), End: at(20)}), r.Leave(c, at(20)), "the other one told again")
	r.Forget(b)
	r.Forget(c)
	require.Zero(t, r.Count())

	// The same coSpace an hour later is another meeting; alone, it has no span.
	require.Equal(t, traceB, r.join(b, traceB, at(3600), at(3600)))
	alone := Departure{Last: true, Correlator: correlator, Trace: traceB, Start: at(3600), End: at(3700)}
	require.Equal(t, alone, r.Leave(b, at(3700)))
	require.Equal(t, traceC, r.join(c, traceC, at(3701), at(3701)), "seen on arrival to have ended, though not accepted yet")
	require.Equal(t, Departure{}, r.Leave(a, at(1)), "one that never joined")
}

// TestAbandoned: what was told and never accepted is found when nobody has told
// it again for a while.
func TestAbandoned(t *testing.T) {
	a, traceA := callOn(1)
	b, traceB := callOn(2)
	r := New()
	r.join(a, traceA, at(0), at(0))
	r.Confirm(a)
	r.join(a, traceA, at(0), at(1))
	r.join(b, traceB, at(0), at(0))
	r.join(b, traceB, at(0), at(60))
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
					traces[n] = r.join(call, trace, at(int(n)), at(0))
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

// TestOneCallABridge: a second call on the same Call Bridge is another meeting,
// as the end of the first was lost.
func TestOneCallABridge(t *testing.T) {
	r := New()
	joining := func(session string, trace byte) Joining {
		return Joining{
			Call: Call{Session: session, ID: session + " call"}, Source: "192.0.2.1",
			Correlator: correlator, Trace: pcommon.TraceID{trace}, Start: at(int(trace)),
		}
	}
	require.Equal(t, pcommon.TraceID{1}, r.Join(joining("before", 1), at(1)))
	require.Equal(t, pcommon.TraceID{2}, r.Join(joining("behind", 2), at(2)))
	other := joining("elsewhere", 3)
	other.Source = "192.0.2.2"
	require.Equal(t, pcommon.TraceID{2}, r.Join(other, at(3)), "calls join the younger")
	require.False(t, r.Leave(joining("before", 1).Call, at(4)).Shared)
	require.True(t, r.Matters(correlator, pcommon.TraceID{2}))
	require.Equal(t, pcommon.TraceID{2}, r.Join(joining("behind", 2), at(5)))
}

// TestPendingIsBounded: what is told of and never accepted is held for so many
// calls; beyond that they are in no meeting.
func TestPendingIsBounded(t *testing.T) {
	r := New()
	for n := range maxPending + 10 {
		call := Call{Session: "s", ID: fmt.Sprint(n)}
		r.Join(Joining{Call: call, Source: "a", Correlator: fmt.Sprint(n), Trace: pcommon.TraceID{1}}, at(0))
	}
	require.Equal(t, maxPending, r.Count())
	require.Len(t, r.Abandoned("s", at(1)), maxPending)
	for _, call := range r.Abandoned("s", at(1)) {
		r.Leave(call, 0)
		r.Forget(call)
	}
	require.Zero(t, r.Count())
	require.Empty(t, r.pending)
	require.Empty(t, r.open)
}

// TestRestore: what calls that left knew of a meeting reaches the last to leave,
// over a restart of the receiver.
func TestRestore(t *testing.T) {
	a, traceA := callOn(1)
	b, _ := callOn(2)
	c, traceC := callOn(3)
	present := func(call Call, trace pcommon.TraceID, start int, borrowed bool) Membership {
		return Membership{Joining: Joining{Call: call, Source: call.Session, Correlator: correlator, Trace: trace, Start: at(start)}, Borrowed: borrowed}
	}
	t.Run("one left, one there", func(t *testing.T) {
		r := New()
		r.Restore([]Membership{present(a, traceA, 5, false)}, []Departure{{Correlator: correlator, Trace: traceA, Start: at(1), End: at(9)}})
		want := Departure{Shared: true, Last: true, Correlator: correlator, Trace: traceA, Start: at(1), End: at(9)}
		require.Equal(t, want, r.Leave(a, at(8)))
	})
	t.Run("its span is out", func(t *testing.T) {
		r := New()
		r.Restore([]Membership{present(b, traceA, 5, true)}, []Departure{{Last: true, Correlator: correlator, Trace: traceA, Start: at(1), End: at(9)}})
		want := Departure{Shared: true, Correlator: correlator, Trace: traceA, Start: at(1), End: at(9)}
		require.Equal(t, want, r.Leave(b, at(8)))
	})
	t.Run("two there", func(t *testing.T) {
		r := New()
		r.Restore([]Membership{present(a, traceA, 5, false), present(b, traceA, 6, true)}, nil)
		require.Equal(t, traceA, r.join(c, traceC, at(7), at(7)))
		require.True(t, r.Leave(a, at(8)).Shared)
	})
	t.Run("alone", func(t *testing.T) {
		r := New()
		r.Restore([]Membership{present(a, traceA, 5, false)}, []Departure{{Correlator: correlator, Trace: traceC, Start: at(1), End: at(9)}})
		require.False(t, r.Leave(a, at(8)).Shared)
		require.False(t, r.Matters(correlator, traceC))
	})
	t.Run("alone with the trace of another", func(t *testing.T) {
		r := New()
		r.Restore([]Membership{present(b, traceA, 5, true)}, nil)
		require.True(t, r.Leave(b, at(8)).Shared)
	})
	t.Run("two meetings of one correlator", func(t *testing.T) {
		r := New()
		r.Restore([]Membership{present(c, traceC, 9, false), present(a, traceA, 5, false)}, nil)
		require.Equal(t, traceC, r.join(b, pcommon.TraceID{9}, at(10), at(10)), "calls join the younger")
		require.False(t, r.Leave(a, at(11)).Shared)
		require.True(t, r.Matters(correlator, traceC))
	})
}
