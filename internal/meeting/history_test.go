package meeting

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// accepted is what pipelines and metrics received.
type accepted struct {
	// spans counts the meeting spans by trace; parents are the traces whose calls
	// have such a parent.
	spans   map[pcommon.TraceID]int
	parents map[pcommon.TraceID]bool
	active  map[string]int64
	starts  int64
}

func (a *accepted) commit(tx *Transaction, departures []Departure) {
	for _, d := range departures {
		if d.Shared {
			a.parents[d.Trace] = true
		}
		if d.EndsMeeting {
			a.spans[d.Trace]++
		}
	}
	for _, c := range tx.Commit(nil) {
		a.active[c.Source] += c.Active
		a.starts += c.Starts
	}
}

// requireCounts checks that the sum over sources is the number of meetings with an
// accepted call, and that each source has those that are counted there.
func (a *accepted) requireCounts(t *testing.T, r *Registry) {
	t.Helper()
	want, meetings := map[string]int64{}, map[*meeting]bool{}
	for _, m := range r.calls {
		if m.commitOrder != 0 && !meetings[m.meeting] {
			meetings[m.meeting] = true
			require.NotNil(t, m.meeting.countedMember)
			want[m.meeting.countedMember.source]++
			require.True(t, m.meeting.firstCommitted() == m.meeting.countedMember, "it is counted at another call than the eldest")
		}
	}
	for source, n := range a.active {
		require.Equal(t, want[source], n, source)
	}
}

// TestHistories plays random histories of five Call Bridges, with interleaved and
// refused transactions. Every meeting whose calls have a parent has exactly one span,
// and the counts always equal the number of meetings.
func TestHistories(t *testing.T) {
	const bridges, steps = 5, 400
	shared := 0
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(11, seed))
		r := New()
		got := &accepted{spans: map[pcommon.TraceID]int{}, parents: map[pcommon.TraceID]bool{}, active: map[string]int64{}}
		type flight struct {
			tx         *Transaction
			departures []Departure
			open       string
		}
		open, flights, calls := [bridges]string{}, [bridges]*flight{}, byte(0)
		play := func(b int, f *flight) {
			of := bridge(b + 1)
			f.tx, f.open = of.begin(r, 0), open[b]
			for range 1 + random.IntN(3) {
				if f.open != "" {
					f.departures = append(f.departures, f.tx.Leave(f.open, at(random.IntN(100))))
					f.open = ""
					continue
				}
				calls++
				f.open = fmt.Sprint(seed, " ", calls)
				f.tx.Join(JoinRequest{
					ID: f.open, Correlator: []string{"", "a", "b"}[random.IntN(3)], CoSpace: []string{"", "s", "t"}[random.IntN(3)],
					Trace: pcommon.TraceID{byte(b + 1), calls}, Start: at(random.IntN(100)),
				})
			}
		}
		for range steps {
			b := random.IntN(bridges)
			f := flights[b]
			if f == nil {
				flights[b] = &flight{}
				play(b, flights[b])
				continue
			}
			flights[b] = nil
			if random.IntN(3) == 0 {
				f.tx.Drop()
			} else {
				got.commit(f.tx, f.departures)
				open[b] = f.open
			}
			got.requireCounts(t, r)
		}
		for b := range bridges {
			if f := flights[b]; f != nil {
				f.tx.Drop()
			}
			if open[b] != "" {
				tx := bridge(b+1).begin(r, 0)
				got.commit(tx, []Departure{tx.Leave(open[b], at(100))})
			}
		}
		for trace := range got.parents {
			shared++
			require.Equal(t, 1, got.spans[trace], "seed %d, trace %s", seed, trace)
		}
		require.Len(t, got.spans, len(got.parents), "a span of a meeting that no call is below")
		for source, n := range got.active {
			require.Zero(t, n, source)
		}
		tx := bridge(9).begin(r, 1200)
		tx.Join(bridge(9).joining("", ""))
		require.Equal(t, 1, r.CallCount(), "what was reserved and given up is held")
		require.Len(t, r.byTrace, 1)
	}
	require.Greater(t, shared, 150)
}

// TestCounts checks that a meeting is counted at its first call, and moves to the
// oldest remaining call when that one leaves. Its start is not counted again.
func TestCounts(t *testing.T) {
	r := New()
	commit := func(b bridge, do func(*Transaction)) []CountChange {
		tx := b.begin(r, int(b))
		do(tx)
		return tx.Commit(nil)
	}
	join := func(b bridge) []CountChange {
		return commit(b, func(tx *Transaction) { tx.Join(b.joining(correlator, "")) })
	}
	leave := func(b bridge) []CountChange { return commit(b, func(tx *Transaction) { tx.Leave("call", at(99)) }) }
	require.Equal(t, []CountChange{{Source: "cms1", Active: 1, Starts: 1}}, join(1))
	require.Empty(t, join(3))
	require.Empty(t, join(2))
	require.Equal(t, []CountChange{{Source: "cms1", Active: -1}, {Source: "cms3", Active: 1}}, leave(1))
	require.Empty(t, leave(2))
	require.Equal(t, []CountChange{{Source: "cms3", Active: -1}}, leave(3))
	require.Equal(t, []CountChange{{Source: "cms4", Active: 1, Starts: 1}}, commit(4, func(tx *Transaction) { tx.Join(bridge(4).joining("", "")) }), "a call alone is a meeting")
	require.Equal(t, []CountChange{{Source: "cms5", Active: 1, Starts: 1}}, commit(5, func(tx *Transaction) { tx.Join(bridge(5).joining("", "")) }), "of no name, so another one")
	require.Equal(t, []CountChange{{Source: "cms6", Active: 1, Starts: 1}, {Source: "cms6", Active: -1}}, commit(6, func(tx *Transaction) {
		tx.Join(bridge(6).joining("x", ""))
		tx.Leave("call", at(7))
	}))
	refused := bridge(7).begin(r, 7)
	refused.Join(bridge(7).joining("y", ""))
	refused.Drop()
	require.Equal(t, []CountChange{{Source: "cms8", Active: 1, Starts: 1}}, commit(8, func(tx *Transaction) { tx.Join(bridge(8).joining("y", "")) }), "counted where it was accepted")

	// A call that was reserved while the only other one left goes on with the
	// meeting, which has started before.
	join(9)
	waiting := bridge(10).begin(r, 10)
	waiting.Join(bridge(10).joining(correlator, ""))
	require.Equal(t, []CountChange{{Source: "cms9", Active: -1}}, leave(9))
	require.Equal(t, []CountChange{{Source: "cms10", Active: 1}}, waiting.Commit(nil))

	// A session whose source turns out to be another takes its meetings there.
	tx := r.Begin(bridge(8).session(), "bridge 8", at(9))
	require.Equal(t, []CountChange{{Source: "cms8", Active: -1}, {Source: "bridge 8", Active: 1}}, tx.Commit([]string{"call"}))
	require.Equal(t, []CountChange{{Source: "bridge 8", Active: -1}}, func() []CountChange {
		tx := r.Begin(bridge(8).session(), "bridge 8", at(9))
		tx.Leave("call", at(9))
		return tx.Commit(nil)
	}())
}
