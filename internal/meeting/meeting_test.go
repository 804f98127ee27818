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

var epoch = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// at returns the time that many seconds after the epoch of the tests.
func at(second int) pcommon.Timestamp {
	return pcommon.NewTimestampFromTime(epoch.Add(time.Duration(second) * time.Second))
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

// joinRequest returns the request with which the bridge's call joins. The call begins as many
// seconds after the epoch as the bridge's number.
func (b bridge) joinRequest(correlator, coSpace string) JoinRequest {
	return JoinRequest{ID: "call", Correlator: correlator, CoSpace: coSpace, Trace: b.trace(), Start: at(int(b))}
}

// join lets the bridge's call join a meeting, commits, and returns the meeting's trace.
func (b bridge) join(r *Registry, correlator, coSpace string) pcommon.TraceID {
	t := b.begin(r, int(b))
	defer t.Commit(nil)
	return t.Join(b.joinRequest(correlator, coSpace)).Trace
}

// leave lets the bridge's call leave at the given second, and commits.
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
	require.Equal(t, pcommon.TraceID{2}, bridge(1).join(r, correlator, ""), "the calls overlap")
	require.Equal(t, pcommon.TraceID{2}, bridge(1).join(r, correlator, ""), "the call joins again")
	require.Len(t, r.byJoinID, 1)
	for _, meetings := range r.byJoinID {
		require.Len(t, meetings, 1)
	}
	departure := Departure{Shared: true, Key: correlator, Trace: pcommon.TraceID{2}, Start: at(1), End: at(10)}
	require.Equal(t, departure, bridge(2).leave(r, 10))
	require.Equal(t, pcommon.TraceID{2}, bridge(3).join(r, correlator, ""), "the first call left, and the second is present")
	departure.End = at(20)
	require.Equal(t, departure, bridge(3).leave(r, 20))
	departure.EndsMeeting = true
	require.Equal(t, departure, bridge(1).leave(r, 19))
	require.Zero(t, r.CallCount())
	require.Empty(t, r.byJoinID)
	require.Empty(t, r.byTrace)

	require.Equal(t, pcommon.TraceID{5}, bridge(5).join(r, correlator, ""), "the meeting ended, so this is another one")
	departure = Departure{Key: correlator, Trace: pcommon.TraceID{5}, Start: at(5), End: at(30)}
	require.Equal(t, departure, bridge(5).leave(r, 30))
	require.Equal(t, Departure{}, bridge(5).leave(r, 31), "the call is in no meeting")
}

// TestJoinIDs checks that a call joins a meeting by its correlator or its coSpace, and if
// two meetings match, the older one. Each case lists the calls of the bridges 1, 2 and so
// on, and the bridge whose trace each call gets.
func TestJoinIDs(t *testing.T) {
	type call struct {
		correlator, coSpace string
		trace               byte
	}
	cases := map[string][]call{
		"one correlator":                                      {{"a", "", 1}, {"a", "", 1}},
		"one coSpace, two correlators":                        {{"a", "s", 1}, {"b", "s", 1}},
		"one coSpace, no correlator":                          {{"", "s", 1}, {"", "s", 1}},
		"one coSpace, one correlator":                         {{"a", "s", 1}, {"", "s", 1}},
		"one correlator, two coSpaces":                        {{"a", "s", 1}, {"a", "t", 1}},
		"correlator of the second call":                       {{"a", "s", 1}, {"b", "s", 1}, {"b", "", 1}},
		"no ids":                                              {{"", "", 1}, {"", "", 2}},
		"different ids":                                       {{"a", "s", 1}, {"b", "t", 2}},
		"correlator equal to a coSpace":                       {{"a", "", 1}, {"", "a", 2}},
		"two meetings match, that of the coSpace is older":    {{"", "s", 1}, {"a", "", 2}, {"a", "s", 1}},
		"two meetings match, that of the correlator is older": {{"a", "", 1}, {"", "s", 2}, {"a", "s", 1}},
		"two meetings match and do not merge":                 {{"a", "", 1}, {"", "s", 2}, {"a", "s", 1}, {"a", "", 1}, {"", "s", 1}},
		"coSpace of the third call":                           {{"a", "", 1}, {"", "s", 2}, {"a", "t", 1}, {"", "t", 1}},
	}
	require.Len(t, cases, 13)
	for name, calls := range cases {
		t.Run(name, func(t *testing.T) {
			r := New()
			for i, c := range calls {
				require.Equal(t, pcommon.TraceID{c.trace}, bridge(i+1).join(r, c.correlator, c.coSpace), "call %d", i+1)
			}
			key := cmp.Or(calls[0].correlator, calls[0].coSpace)
			require.Equal(t, key, bridge(1).leave(r, 50).Key, "the key is not that of the first call")
			for i := range calls[1:] {
				bridge(i+2).leave(r, 51)
			}
			require.Empty(t, r.byJoinID, "a meeting that ended can still be found")
		})
	}
}

// TestSecondCallOfBridge checks that a second call on the same Call Bridge is another
// meeting, which later calls join, because the end of the first call was probably lost.
func TestSecondCallOfBridge(t *testing.T) {
	r := New()
	join := func(session, source string, trace byte) pcommon.TraceID {
		tx := r.Begin(session, source, at(int(trace)))
		defer tx.Commit(nil)
		return tx.Join(JoinRequest{ID: session, Correlator: correlator, Trace: pcommon.TraceID{trace}, Start: at(int(trace))}).Trace
	}
	require.Equal(t, pcommon.TraceID{1}, join("first", "cms1", 1))
	require.Equal(t, pcommon.TraceID{2}, join("second", "cms1", 2))
	require.Equal(t, pcommon.TraceID{2}, join("other bridge", "cms2", 3))
	tx := r.Begin("first", "cms1", at(4))
	require.False(t, tx.Leave("first", at(4)).Shared)
	tx.Commit(nil)
	require.NotEmpty(t, r.MergeOngoing([]Departure{{Trace: pcommon.TraceID{2}}}), "the second meeting ended with the first one")

	// If a call leaves and another call of its Call Bridge joins in one transaction, the
	// other call joins the same meeting.
	tx = r.Begin("second", "cms1", at(5))
	require.False(t, tx.Leave("second", at(5)).EndsMeeting)
	next := JoinRequest{ID: "next", Correlator: correlator, Trace: pcommon.TraceID{9}, Start: at(5)}
	require.Equal(t, pcommon.TraceID{2}, tx.Join(next).Trace)
	tx.Commit(nil)
	require.Equal(t, 2, r.CallCount())
}

// TestCallJoinsAgain checks that other calls find the meeting of a call that left and joined
// again in one transaction.
func TestCallJoinsAgain(t *testing.T) {
	r := New()
	bridge(1).join(r, correlator, "space")
	tx := bridge(1).begin(r, 5)
	require.False(t, tx.Leave("call", at(5)).Shared)
	require.Equal(t, pcommon.TraceID{1}, tx.Join(bridge(1).joinRequest(correlator, "space")).Trace)
	tx.Commit(nil)
	require.Equal(t, pcommon.TraceID{1}, bridge(2).join(r, correlator, ""))
	require.Equal(t, pcommon.TraceID{1}, bridge(3).join(r, "", "space"))
	require.True(t, bridge(1).leave(r, 6).Shared)
	require.True(t, bridge(2).leave(r, 7).Shared)
	require.True(t, bridge(3).leave(r, 8).EndsMeeting)
	require.Empty(t, r.byJoinID)
	require.Empty(t, r.byTrace)
}

// TestDeparturesAgree checks two calls that leave in concurrent transactions, one of them
// in the transaction in which it joined. Either both departures report a shared meeting, or
// neither does.
func TestDeparturesAgree(t *testing.T) {
	for _, newcomerLeavesFirst := range []bool{false, true} {
		r := New()
		bridge(1).join(r, correlator, "")
		first, second := bridge(1).begin(r, 5), bridge(2).begin(r, 5)
		second.Join(bridge(2).joinRequest(correlator, ""))
		var departures [2]Departure
		if newcomerLeavesFirst {
			departures[0] = second.Leave("call", at(6))
			departures[1] = first.Leave("call", at(6))
		} else {
			departures[0] = first.Leave("call", at(6))
			departures[1] = second.Leave("call", at(6))
		}
		require.Equal(t, newcomerLeavesFirst, departures[0].Shared)
		require.Equal(t, newcomerLeavesFirst, departures[1].Shared)
	}
}

// TestReservedCallOfBridge checks that two calls that begin on one Call Bridge in one
// transaction are two meetings. If that transaction is dropped, a later call on the same
// Call Bridge joins the second meeting, because a call that is only reserved, and whose
// records were not sent again, does not count as a call of the Call Bridge.
func TestReservedCallOfBridge(t *testing.T) {
	r := New()
	join := func(tx *Transaction, id string, trace byte) pcommon.TraceID {
		return tx.Join(JoinRequest{ID: id, Correlator: correlator, Trace: pcommon.TraceID{trace}, Start: at(1)}).Trace
	}
	refused := r.Begin("first", "cms1", at(1))
	require.Equal(t, pcommon.TraceID{1}, join(refused, "call", 1))
	require.Equal(t, pcommon.TraceID{2}, join(refused, "second call", 2))
	refused.Drop()
	require.Equal(t, pcommon.TraceID{2}, join(r.Begin("second", "cms1", at(2)), "call", 3), "the call does not join the later one of the two meetings")
}

// TestConcurrentCalls lets calls of concurrent sessions join and leave, also in dropped
// transactions. The calls are in one trace, and exactly one departure carries the
// meeting's span.
func TestConcurrentCalls(t *testing.T) {
	const calls = 4
	for round := range 500 {
		r := New()
		traces := make([]pcommon.TraceID, calls)
		departures := make([]Departure, calls)
		var started, ended sync.WaitGroup
		started.Add(calls)
		for n := range calls {
			ended.Go(func() {
				b := bridge(n + 1)
				for range 3 {
					tx := b.begin(r, 0)
					tx.Join(b.joinRequest(correlator, ""))
					tx.Drop()
				}
				traces[n] = b.join(r, correlator, "")
				started.Done()
				started.Wait()
				for range 3 {
					tx := b.begin(r, 0)
					tx.Leave("call", at(100+n))
					tx.Drop()
				}
				departures[n] = b.leave(r, 100+n)
			})
		}
		ended.Wait()
		spans := 0
		for n := range calls {
			require.Equal(t, traces[0], traces[n], "round %d", round)
			require.True(t, departures[n].Shared)
			if departures[n].EndsMeeting {
				spans++
				require.Equal(t, at(1), departures[n].Start)
			}
		}
		require.Equal(t, 1, spans, "round %d", round)
		require.Zero(t, r.CallCount())
		require.Empty(t, r.byJoinID)
		require.Empty(t, r.reserved)
		require.Empty(t, r.inFlight)
	}
}
