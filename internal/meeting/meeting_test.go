package meeting

import (
	"cmp"
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

// bridge is a Call Bridge with one call. Its number identifies the call's trace.
type bridge byte

func (b bridge) session() string { return fmt.Sprint("session ", byte(b)) }
func (b bridge) source() string  { return fmt.Sprint("cms", byte(b)) }
func (b bridge) trace() pcommon.TraceID {
	return pcommon.TraceID{byte(b)}
}

func (b bridge) begin(r *Registry, second int) *Transaction {
	return r.Begin(b.session(), b.source(), at(second))
}

// joining returns the request of the bridge's call, which begins at the second of its
// number.
func (b bridge) joining(correlator, coSpace string) JoinRequest {
	return JoinRequest{ID: "call", Correlator: correlator, CoSpace: coSpace, Trace: b.trace(), Start: at(int(b))}
}

// join commits that the bridge's call joins, and returns the trace.
func (b bridge) join(r *Registry, correlator, coSpace string) pcommon.TraceID {
	t := b.begin(r, int(b))
	defer t.Commit(nil)
	return t.Join(b.joining(correlator, coSpace)).Trace
}

// leave commits that the bridge's call leaves at that second.
func (b bridge) leave(r *Registry, second int) Departure {
	t := b.begin(r, second)
	defer t.Commit(nil)
	return t.Leave("call", at(second))
}

// TestMeeting checks that the trace is that of the first call, and that the last
// departure carries the span, from the first start to the last end.
func TestMeeting(t *testing.T) {
	r := New()
	require.Equal(t, pcommon.TraceID{2}, bridge(2).join(r, correlator, ""))
	require.Equal(t, pcommon.TraceID{2}, bridge(1).join(r, correlator, ""), "it overlaps")
	require.Equal(t, pcommon.TraceID{2}, bridge(1).join(r, correlator, ""), "joined again")
	left := Departure{Shared: true, Key: correlator, Trace: pcommon.TraceID{2}, Start: at(1), End: at(10)}
	require.Equal(t, left, bridge(2).leave(r, 10))
	require.Equal(t, pcommon.TraceID{2}, bridge(3).join(r, correlator, ""), "the first left, and the second is there")
	left.End = at(20)
	require.Equal(t, left, bridge(3).leave(r, 20))
	left.EndsMeeting = true
	require.Equal(t, left, bridge(1).leave(r, 19))
	require.Zero(t, r.CallCount())
	require.Empty(t, r.byName)
	require.Empty(t, r.byTrace)

	require.Equal(t, pcommon.TraceID{5}, bridge(5).join(r, correlator, ""), "another meeting")
	alone := Departure{Key: correlator, Trace: pcommon.TraceID{5}, Start: at(5), End: at(30)}
	require.Equal(t, alone, bridge(5).leave(r, 30))
	require.Equal(t, Departure{}, bridge(5).leave(r, 31), "a call that is in no meeting")
}

// TestNames checks that a call joins by its correlator, else by its coSpace, and the
// older of two meetings. Each case lists calls by correlator and coSpace, in the
// order of their bridges from 1, and their traces.
func TestNames(t *testing.T) {
	type call struct {
		correlator, coSpace string
		trace               byte
	}
	cases := map[string][]call{
		"one correlator":                    {{"a", "", 1}, {"a", "", 1}},
		"one coSpace, two correlators":      {{"a", "s", 1}, {"b", "s", 1}},
		"one coSpace, no correlator":        {{"", "s", 1}, {"", "s", 1}},
		"one coSpace, one correlator":       {{"a", "s", 1}, {"", "s", 1}},
		"one correlator, two coSpaces":      {{"a", "s", 1}, {"a", "t", 1}},
		"by what a later call brought":      {{"a", "s", 1}, {"b", "s", 1}, {"b", "", 1}},
		"neither":                           {{"", "", 1}, {"", "", 2}},
		"nothing in common":                 {{"a", "s", 1}, {"b", "t", 2}},
		"a correlator is no coSpace":        {{"a", "", 1}, {"", "a", 2}},
		"two match, the coSpace is older":   {{"", "s", 1}, {"a", "", 2}, {"a", "s", 1}},
		"two match, the correlator is":      {{"a", "", 1}, {"", "s", 2}, {"a", "s", 1}},
		"two match and do not merge":        {{"a", "", 1}, {"", "s", 2}, {"a", "s", 1}, {"a", "", 1}, {"", "s", 1}},
		"the one that ended is found never": {{"a", "", 1}, {"", "s", 2}, {"a", "t", 1}, {"", "t", 1}},
	}
	require.Len(t, cases, 13)
	for name, calls := range cases {
		t.Run(name, func(t *testing.T) {
			r := New()
			for i, c := range calls {
				require.Equal(t, pcommon.TraceID{c.trace}, bridge(i+1).join(r, c.correlator, c.coSpace), "call %d", i+1)
			}
			key := cmp.Or(calls[0].correlator, calls[0].coSpace)
			require.Equal(t, key, bridge(1).leave(r, 50).Key, "the first call names the meeting")
			for i := range calls[1:] {
				bridge(i+2).leave(r, 51)
			}
			require.Empty(t, r.byName, "a meeting that ended can be found")
		})
	}
}

// TestReserved checks that a refused call keeps its place for ten minutes, and counts
// in no meeting meanwhile.
func TestReserved(t *testing.T) {
	refused := func(r *Registry) {
		refused := bridge(1).begin(r, 0)
		require.Equal(t, pcommon.TraceID{1}, refused.Join(bridge(1).joining(correlator, "")).Trace)
		refused.Drop()
	}
	join := func(r *Registry, of bridge, second int) pcommon.TraceID {
		tx := of.begin(r, second)
		defer tx.Commit(nil)
		return tx.Join(of.joining(correlator, "")).Trace
	}
	t.Run("visible at once", func(t *testing.T) {
		r := New()
		first, second := bridge(1).begin(r, 0), bridge(2).begin(r, 0)
		require.Equal(t, pcommon.TraceID{1}, first.Join(bridge(1).joining(correlator, "")).Trace)
		require.Equal(t, pcommon.TraceID{1}, second.Join(bridge(2).joining(correlator, "")).Trace)
		require.Len(t, second.Commit(nil), 1)
		require.Empty(t, first.Commit(nil), "it is counted at the one that was accepted first")
		require.True(t, bridge(2).leave(r, 9).Shared)
	})
	t.Run("for ten minutes", func(t *testing.T) {
		r := New()
		refused(r)
		require.Equal(t, pcommon.TraceID{1}, join(r, 2, 600))
		require.Equal(t, Departure{Key: correlator, Trace: pcommon.TraceID{1}, Start: at(2), End: at(700)}, bridge(2).leave(r, 700), "alone, its own times")
		require.False(t, r.HasCalls(pcommon.TraceID{1}))
	})
	t.Run("no longer", func(t *testing.T) {
		r := New()
		refused(r)
		require.Equal(t, pcommon.TraceID{2}, join(r, 2, 601))
		require.Equal(t, 1, r.CallCount(), "it is forgotten")
		require.Empty(t, r.reserved)
	})
	t.Run("sent again", func(t *testing.T) {
		r := New()
		refused(r)
		require.Equal(t, pcommon.TraceID{1}, join(r, 2, 5))
		require.Equal(t, pcommon.TraceID{1}, join(r, 1, 10))
		require.True(t, bridge(1).leave(r, 20).Shared)
		require.Empty(t, r.reserved)
	})
	t.Run("bounded", func(t *testing.T) {
		r := New()
		tx := bridge(1).begin(r, 0)
		for n := range maxReserved + 10 {
			tx.Join(JoinRequest{ID: fmt.Sprint(n), Correlator: fmt.Sprint(n), Trace: pcommon.TraceID{1}})
		}
		require.Equal(t, maxReserved, r.CallCount())
		tx.Drop()
		bridge(2).begin(r, 601).Join(bridge(2).joining("", ""))
		require.Equal(t, 1, r.CallCount())
	})
}

// TestRefusedLeave checks that a refused departure ends nothing.
func TestRefusedLeave(t *testing.T) {
	r := New()
	bridge(1).join(r, correlator, "")
	refused := bridge(1).begin(r, 50)
	require.False(t, refused.Leave("call", at(50)).Shared)
	require.Equal(t, pcommon.TraceID{2}, bridge(2).join(r, correlator, ""), "the meeting is ending while that is delivered")
	bridge(2).leave(r, 51)
	refused.Drop()
	require.Equal(t, pcommon.TraceID{1}, bridge(3).join(r, correlator, ""))
	refused = bridge(3).begin(r, 70)
	require.Equal(t, at(70), refused.Leave("call", at(70)).End)
	refused.Drop()
	left := bridge(1).leave(r, 60)
	require.Equal(t, Departure{Shared: true, Key: correlator, Trace: pcommon.TraceID{1}, Start: at(1), End: at(60)}, left, "nothing of the refused end is in it")
}

// TestSpanOwner checks that exactly one of two last calls that leave at the same time
// carries the span, whichever of the deliveries fails.
func TestSpanOwner(t *testing.T) {
	both := func(t *testing.T) (r *Registry, one, two *Transaction) {
		r = New()
		bridge(1).join(r, correlator, "")
		bridge(2).join(r, correlator, "")
		one, two = bridge(1).begin(r, 50), bridge(2).begin(r, 51)
		require.False(t, one.Leave("call", at(60)).EndsMeeting)
		require.Equal(t, Departure{
			Shared: true, EndsMeeting: true, Key: correlator, Trace: pcommon.TraceID{1}, Start: at(1), End: at(60),
		}, two.Leave("call", at(51)), "what the other was received to end at is in it")
		return r, one, two
	}
	t.Run("both accepted", func(t *testing.T) {
		r, one, two := both(t)
		two.Commit(nil)
		one.Commit(nil)
		require.Zero(t, r.CallCount())
	})
	t.Run("the carrier is refused", func(t *testing.T) {
		r, one, two := both(t)
		two.Drop()
		one.Commit(nil)
		require.True(t, bridge(2).leave(r, 51).EndsMeeting)
	})
	t.Run("the other is refused", func(t *testing.T) {
		r, one, two := both(t)
		one.Drop()
		two.Commit(nil)
		again := bridge(1).leave(r, 60)
		require.True(t, again.Shared)
		require.False(t, again.EndsMeeting, "the span is out")
	})
	t.Run("the other is refused and sent again meanwhile", func(t *testing.T) {
		r, one, two := both(t)
		one.Drop()
		one = bridge(1).begin(r, 52)
		require.False(t, one.Leave("call", at(60)).EndsMeeting, "the other one has the claim")
		two.Drop()
		one.Commit(nil)
		require.True(t, bridge(2).leave(r, 51).EndsMeeting)
	})
	t.Run("an unfinished transaction", func(t *testing.T) {
		r, one, _ := both(t)
		one.Commit(nil)
		require.True(t, bridge(2).leave(r, 51).EndsMeeting)
	})
}

// TestWithinOneTransaction checks that a call that begins and ends in one
// transaction, and the present call that it overlaps, agree about their meeting.
func TestWithinOneTransaction(t *testing.T) {
	r := New()
	bridge(1).join(r, correlator, "")
	brief := bridge(2).begin(r, 10)
	brief.Join(bridge(2).joining(correlator, ""))
	departure := brief.Leave("call", at(12))
	require.True(t, departure.Shared)
	require.False(t, departure.EndsMeeting)
	require.True(t, bridge(1).leave(r, 13).EndsMeeting, "the brief one belongs to its span")
	brief.Commit(nil)
	require.Zero(t, r.CallCount())

	bridge(1).join(r, correlator, "")
	brief = bridge(2).begin(r, 10)
	brief.Join(bridge(2).joining(correlator, ""))
	require.False(t, bridge(1).leave(r, 11).Shared, "a call that is only reserved shares nothing")
	require.False(t, brief.Leave("call", at(12)).Shared)
	brief.Commit(nil)
	require.Zero(t, r.CallCount())
}

// TestOneCallABridge checks that a second call on the same Call Bridge is another
// meeting, which later calls join, because the end of the first call was lost.
func TestOneCallABridge(t *testing.T) {
	r := New()
	join := func(session, source string, trace byte) pcommon.TraceID {
		tx := r.Begin(session, source, at(int(trace)))
		defer tx.Commit(nil)
		return tx.Join(JoinRequest{ID: session, Correlator: correlator, Trace: pcommon.TraceID{trace}, Start: at(int(trace))}).Trace
	}
	require.Equal(t, pcommon.TraceID{1}, join("before", "cms1", 1))
	require.Equal(t, pcommon.TraceID{2}, join("behind", "cms1", 2))
	require.Equal(t, pcommon.TraceID{2}, join("elsewhere", "cms2", 3))
	tx := r.Begin("before", "cms1", at(4))
	require.False(t, tx.Leave("before", at(4)).Shared)
	tx.Commit(nil)
	require.True(t, r.HasCalls(pcommon.TraceID{2}))

	// A call that takes the place of another in one transaction stays in the
	// meeting that others are in.
	tx = r.Begin("behind", "cms1", at(5))
	require.False(t, tx.Leave("behind", at(5)).EndsMeeting)
	next := JoinRequest{ID: "next", Correlator: correlator, Trace: pcommon.TraceID{9}, Start: at(5)}
	require.Equal(t, pcommon.TraceID{2}, tx.Join(next).Trace)
	tx.Commit(nil)
	require.Equal(t, 2, r.CallCount())
}

// TestRaces interleaves and refuses calls that start and end at the same time. They
// are in one trace, and exactly one of them carries the meeting's span.
func TestRaces(t *testing.T) {
	const calls = 4
	for round := range 500 {
		r := New()
		traces := make([]pcommon.TraceID, calls)
		departures := make([]Departure, calls)
		var started, ended sync.WaitGroup
		started.Add(calls)
		for n := range calls {
			ended.Go(func() {
				of := bridge(n + 1)
				for range 3 {
					tx := of.begin(r, 0)
					tx.Join(of.joining(correlator, ""))
					tx.Drop()
				}
				traces[n] = of.join(r, correlator, "")
				started.Done()
				started.Wait()
				for range 3 {
					tx := of.begin(r, 0)
					tx.Leave("call", at(100+n))
					tx.Drop()
				}
				departures[n] = of.leave(r, 100+n)
			})
		}
		ended.Wait()
		last := 0
		for n := range calls {
			require.Equal(t, traces[0], traces[n], "round %d", round)
			require.True(t, departures[n].Shared)
			if departures[n].EndsMeeting {
				last++
				require.Equal(t, at(1), departures[n].Start)
			}
		}
		require.Equal(t, 1, last, "round %d", round)
		require.Zero(t, r.CallCount())
		require.Empty(t, r.byName)
		require.Empty(t, r.reserved)
		require.Empty(t, r.inFlight)
	}
}
