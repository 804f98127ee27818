package meeting

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// emitted is what committed transactions pass to the pipelines and to the metrics.
type emitted struct {
	// spans counts the meeting spans by trace.
	spans map[pcommon.TraceID]int
	// parents are the traces in which a call has a meeting span as its parent.
	parents map[pcommon.TraceID]bool
	// active is the number of meetings by source.
	active map[string]int64
}

func (e *emitted) commit(tx *Transaction, departures []Departure) {
	for _, d := range departures {
		if d.Shared {
			e.parents[d.Trace] = true
		}
		if d.EndsMeeting {
			e.spans[d.Trace]++
		}
	}
	for _, c := range tx.Commit(nil) {
		e.active[c.Source] += c.Active
	}
}

// requireCounts checks that each meeting with a committed call is counted at the
// source of its first committed call, and that no other meeting is counted.
func (e *emitted) requireCounts(t *testing.T, r *Registry) {
	t.Helper()
	want, meetings := map[string]int64{}, map[*meeting]bool{}
	for _, m := range r.calls {
		if m.commitOrder != 0 && !meetings[m.meeting] {
			meetings[m.meeting] = true
			require.NotNil(t, m.meeting.countedMember)
			want[m.meeting.countedMember.source]++
			require.True(t, m.meeting.firstCommitted() == m.meeting.countedMember, "the meeting is not counted at the source of its first committed call")
		}
	}
	for source := range e.active {
		want[source] += 0 // a source without meetings
	}
	require.Equal(t, want, e.active)
}

// simulatedBridge is a Call Bridge with at most one open call at a time.
type simulatedBridge struct {
	bridge
	openCall string // empty if there is none
	// tx is the transaction in flight, with its departures and the call that is open
	// after its commit; nil if there is none.
	tx              *Transaction
	departures      []Departure
	openAfterCommit string
}

// stage begins a transaction with one to three steps. In each step the open call leaves,
// or a new call joins if none is open.
func (b *simulatedBridge) stage(r *Registry, random *rand.Rand, calls *byte) {
	b.tx, b.departures, b.openAfterCommit = b.begin(r, 0), nil, b.openCall
	for range 1 + random.IntN(3) {
		if b.openAfterCommit != "" {
			b.departures = append(b.departures, b.tx.Leave(b.openAfterCommit, at(random.IntN(100))))
			b.openAfterCommit = ""
			continue
		}
		*calls++
		b.openAfterCommit = fmt.Sprint("call ", *calls)
		b.tx.Join(JoinRequest{
			ID: b.openAfterCommit, Correlator: []string{"", "a", "b"}[random.IntN(3)], CoSpace: []string{"", "s", "t"}[random.IntN(3)],
			Trace: pcommon.TraceID{byte(b.bridge), *calls}, Start: at(random.IntN(100)),
		})
	}
}

// finish drops or commits the transaction in flight.
func (b *simulatedBridge) finish(e *emitted, drop bool) {
	if drop {
		b.tx.Drop()
	} else {
		e.commit(b.tx, b.departures)
		b.openCall = b.openAfterCommit
	}
	b.tx = nil
}

// TestRandomTransactions interleaves, commits and drops random transactions of five
// Call Bridges. Every meeting whose calls have a parent has exactly one span, and the
// counts always equal the number of meetings.
func TestRandomTransactions(t *testing.T) {
	const bridges, steps = 5, 400
	sharedMeetings := 0
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(11, seed))
		r := New()
		e := &emitted{spans: map[pcommon.TraceID]int{}, parents: map[pcommon.TraceID]bool{}, active: map[string]int64{}}
		var simulated [bridges]simulatedBridge
		for i := range simulated {
			simulated[i].bridge = bridge(i + 1)
		}
		calls := byte(0)
		for range steps {
			b := &simulated[random.IntN(bridges)]
			if b.tx == nil {
				b.stage(r, random, &calls)
				continue
			}
			b.finish(e, random.IntN(3) == 0)
			e.requireCounts(t, r)
		}
		for i := range simulated {
			b := &simulated[i]
			if b.tx != nil {
				b.tx.Drop()
			}
			if b.openCall != "" {
				tx := b.begin(r, 0)
				e.commit(tx, []Departure{tx.Leave(b.openCall, at(100))})
			}
		}
		for trace := range e.parents {
			sharedMeetings++
			require.Equal(t, 1, e.spans[trace], "seed %d, trace %s", seed, trace)
		}
		require.Len(t, e.spans, len(e.parents), "seed %d: a meeting span is the parent of no call", seed)
		for source, n := range e.active {
			require.Zero(t, n, source)
		}
		tx := bridge(9).begin(r, 1200)
		tx.Join(bridge(9).joinRequest("", ""))
		require.Equal(t, 1, r.CallCount(), "seed %d: expired reservations are still held", seed)
		require.Len(t, r.byTrace, 1)
	}
	require.Greater(t, sharedMeetings, 150)
}

// TestCounts checks that a meeting is counted at the source of its first committed call,
// and when that call leaves, at the source of the next one. Its start is counted once.
func TestCounts(t *testing.T) {
	r := New()
	commit := func(b bridge, stage func(*Transaction)) []CountChange {
		tx := b.begin(r, int(b))
		stage(tx)
		return tx.Commit(nil)
	}
	join := func(b bridge) []CountChange {
		return commit(b, func(tx *Transaction) { tx.Join(b.joinRequest(correlator, "")) })
	}
	leave := func(b bridge) []CountChange { return commit(b, func(tx *Transaction) { tx.Leave("call", at(99)) }) }
	require.Equal(t, []CountChange{{Source: "cms1", Active: 1, Starts: 1}}, join(1))
	require.Empty(t, join(3))
	require.Empty(t, join(2))
	require.Equal(t, []CountChange{{Source: "cms1", Active: -1}, {Source: "cms3", Active: 1}}, leave(1))
	require.Empty(t, leave(2))
	require.Equal(t, []CountChange{{Source: "cms3", Active: -1}}, leave(3))
	require.Equal(t, []CountChange{{Source: "cms4", Active: 1, Starts: 1}}, commit(4, func(tx *Transaction) { tx.Join(bridge(4).joinRequest("", "")) }), "a call without ids must be a meeting")
	require.Equal(t, []CountChange{{Source: "cms5", Active: 1, Starts: 1}}, commit(5, func(tx *Transaction) { tx.Join(bridge(5).joinRequest("", "")) }), "another call without ids must be another meeting")
	require.Equal(t, []CountChange{{Source: "cms6", Active: 1, Starts: 1}, {Source: "cms6", Active: -1}}, commit(6, func(tx *Transaction) {
		tx.Join(bridge(6).joinRequest("x", ""))
		tx.Leave("call", at(7))
	}))
	dropped := bridge(7).begin(r, 7)
	dropped.Join(bridge(7).joinRequest("y", ""))
	dropped.Drop()
	require.Equal(t, []CountChange{{Source: "cms8", Active: 1, Starts: 1}}, commit(8, func(tx *Transaction) { tx.Join(bridge(8).joinRequest("y", "")) }), "the meeting must be counted at the source of its first committed call")

	// A call that is reserved while the only committed call leaves continues the
	// meeting, so its start is not counted again.
	join(9)
	reserved := bridge(10).begin(r, 10)
	reserved.Join(bridge(10).joinRequest(correlator, ""))
	require.Equal(t, []CountChange{{Source: "cms9", Active: -1}}, leave(9))
	require.Equal(t, []CountChange{{Source: "cms10", Active: 1}}, reserved.Commit(nil))

	// If a session moves to another source, its meetings are counted there.
	tx := r.Begin(bridge(8).session(), "bridge 8", at(9))
	require.Equal(t, []CountChange{{Source: "cms8", Active: -1}, {Source: "bridge 8", Active: 1}}, tx.Commit([]string{"call"}))
	require.Equal(t, []CountChange{{Source: "bridge 8", Active: -1}}, func() []CountChange {
		tx := r.Begin(bridge(8).session(), "bridge 8", at(9))
		tx.Leave("call", at(9))
		return tx.Commit(nil)
	}())
}
