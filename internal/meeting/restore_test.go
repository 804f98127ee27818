package meeting

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// TestRestore checks a registry after a restart of the receiver: the last departure
// includes the times of earlier ones, it carries the meeting's span only if no earlier one
// did, and later calls join the right meetings.
func TestRestore(t *testing.T) {
	membershipOf := func(b bridge, trace byte, start int) Membership {
		return Membership{
			JoinRequest: JoinRequest{ID: "call", Correlator: correlator, Trace: pcommon.TraceID{trace}, Start: at(start)},
			Session:     b.session(), Source: b.source(), Key: correlator, TraceShared: byte(b) != trace,
		}
	}
	departure := Departure{Key: correlator, Trace: pcommon.TraceID{1}, Start: at(1), End: at(9)}
	t.Run("one call has left, another is present", func(t *testing.T) {
		r := New()
		require.Equal(t, []CountChange{{Source: "cms1", Active: 1}}, r.Restore([]Membership{membershipOf(1, 1, 5)}, []Departure{departure}))
		require.Equal(t, Departure{Shared: true, EndsMeeting: true, Key: correlator, Trace: pcommon.TraceID{1}, Start: at(1), End: at(9)}, bridge(1).leave(r, 8))
	})
	t.Run("the meeting's span was emitted", func(t *testing.T) {
		r, withSpan := New(), departure
		withSpan.EndsMeeting = true
		r.Restore([]Membership{membershipOf(2, 1, 5)}, []Departure{withSpan})
		require.Equal(t, Departure{Shared: true, Key: correlator, Trace: pcommon.TraceID{1}, Start: at(1), End: at(9)}, bridge(2).leave(r, 8))
	})
	t.Run("two calls are present", func(t *testing.T) {
		r := New()
		counts := r.Restore([]Membership{membershipOf(1, 1, 6), membershipOf(2, 1, 5)}, nil)
		require.Equal(t, []CountChange{{Source: "cms2", Active: 1}}, counts, "the meeting must be counted only at the source of the call that began first, and its start must not be counted")
		require.Equal(t, pcommon.TraceID{1}, bridge(3).join(r, correlator, ""))
		require.True(t, bridge(1).leave(r, 8).Shared)
	})
	t.Run("a call that left another meeting", func(t *testing.T) {
		r, other := New(), departure
		other.Trace = pcommon.TraceID{3}
		r.Restore([]Membership{membershipOf(1, 1, 5)}, []Departure{other})
		require.False(t, bridge(1).leave(r, 8).Shared)
		require.Empty(t, r.byTrace, "the meeting without a present call was restored")
	})
	t.Run("one call is present with the trace of another call", func(t *testing.T) {
		r := New()
		r.Restore([]Membership{membershipOf(2, 1, 5)}, nil)
		require.True(t, bridge(2).leave(r, 8).Shared)
	})
	t.Run("two meetings with one correlator on two Call Bridges", func(t *testing.T) {
		r := New()
		require.Len(t, r.Restore([]Membership{membershipOf(3, 3, 9), membershipOf(1, 1, 5)}, nil), 2)
		require.Equal(t, pcommon.TraceID{1}, bridge(4).join(r, correlator, ""), "the call must join the older meeting")
	})
	t.Run("two meetings with one correlator on one Call Bridge", func(t *testing.T) {
		r := New()
		second := membershipOf(3, 3, 9)
		second.Source = bridge(1).source()
		r.Restore([]Membership{second, membershipOf(1, 1, 5)}, nil)
		require.Equal(t, pcommon.TraceID{3}, bridge(4).join(r, correlator, ""), "the call must join the newer meeting")
	})
	t.Run("a call with neither correlator nor coSpace", func(t *testing.T) {
		r, withoutJoinIDs := New(), membershipOf(1, 1, 5)
		withoutJoinIDs.Correlator = ""
		r.Restore([]Membership{withoutJoinIDs}, nil)
		require.Equal(t, pcommon.TraceID{2}, bridge(2).join(r, correlator, ""))
	})
}

// TestMergeOngoing checks that departures from one meeting become one, in place of the
// first, and that departures from meetings without committed calls are removed.
func TestMergeOngoing(t *testing.T) {
	r := New()
	bridge(1).join(r, correlator, "")
	bridge(2).join(r, "other correlator", "")
	bridge(3).begin(r, 0).Join(bridge(3).joinRequest("reserved", ""))
	departure := func(trace byte, start, end int) Departure {
		return Departure{Shared: true, Trace: pcommon.TraceID{trace}, Start: at(start), End: at(end)}
	}
	last := departure(1, 1, 6)
	last.EndsMeeting, last.KeyIsCoSpace = true, true
	merged := last
	merged.End = at(7)
	require.Equal(t, []Departure{merged, departure(2, 2, 8)}, r.MergeOngoing([]Departure{
		departure(4, 1, 9), departure(1, 3, 7), departure(2, 2, 8), departure(3, 1, 9), last,
	}))
}
