package meeting

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// TestReservation checks that a call whose transaction was dropped keeps its reservation
// for ten minutes after it was staged, and is not counted in a meeting during that time.
func TestReservation(t *testing.T) {
	reserve := func(r *Registry) {
		dropped := bridge(1).begin(r, 0)
		require.Equal(t, pcommon.TraceID{1}, dropped.Join(bridge(1).joinRequest(correlator, "")).Trace)
		dropped.Drop()
	}
	join := func(r *Registry, b bridge, second int) pcommon.TraceID {
		tx := b.begin(r, second)
		defer tx.Commit(nil)
		return tx.Join(b.joinRequest(correlator, "")).Trace
	}
	t.Run("visible before the commit", func(t *testing.T) {
		r := New()
		first, second := bridge(1).begin(r, 0), bridge(2).begin(r, 0)
		require.Equal(t, pcommon.TraceID{1}, first.Join(bridge(1).joinRequest(correlator, "")).Trace)
		require.Equal(t, pcommon.TraceID{1}, second.Join(bridge(2).joinRequest(correlator, "")).Trace)
		require.Len(t, second.Commit(nil), 1)
		require.Empty(t, first.Commit(nil), "the meeting must be counted once, at the source of the call that was committed first")
		require.True(t, bridge(2).leave(r, 9).Shared)
	})
	t.Run("valid for ten minutes", func(t *testing.T) {
		r := New()
		reserve(r)
		require.Equal(t, pcommon.TraceID{1}, join(r, 2, 600))
		require.Equal(t, Departure{Key: correlator, Trace: pcommon.TraceID{1}, Start: at(2), End: at(600)}, bridge(2).leave(r, 600), "the meeting must not be shared, and must have the times of its only committed call")
		require.Equal(t, 1, r.CallCount(), "the reservation must still be held")
		require.Empty(t, r.MergeOngoing([]Departure{{Trace: pcommon.TraceID{1}}}))
	})
	t.Run("expired after ten minutes", func(t *testing.T) {
		r := New()
		reserve(r)
		require.Equal(t, pcommon.TraceID{2}, join(r, 2, 601))
		require.Equal(t, 1, r.CallCount(), "the expired reservation is still held")
		require.Empty(t, r.reserved)
	})
	t.Run("records are sent again", func(t *testing.T) {
		r := New()
		reserve(r)
		require.Equal(t, pcommon.TraceID{1}, join(r, 2, 5))
		require.Equal(t, pcommon.TraceID{1}, join(r, 1, 10))
		require.True(t, bridge(1).leave(r, 20).Shared)
		require.Empty(t, r.reserved)
	})
	t.Run("records are sent again from another source", func(t *testing.T) {
		r := New()
		reserve(r)
		again := r.Begin(bridge(1).session(), "named", at(10))
		again.Join(bridge(1).joinRequest(correlator, ""))
		require.Equal(t, []CountChange{{Source: "named", Active: 1, Starts: 1}}, again.Commit(nil), "the meeting is counted at the source of the refused document")
	})
	t.Run("limited in number", func(t *testing.T) {
		r := New()
		tx := bridge(1).begin(r, 0)
		for n := range maxReserved + 10 {
			tx.Join(JoinRequest{ID: fmt.Sprint(n), Correlator: fmt.Sprint(n), Trace: pcommon.TraceID{1}})
		}
		require.Equal(t, maxReserved, r.CallCount())
		tx.Drop()
		bridge(2).begin(r, 601).Join(bridge(2).joinRequest("", ""))
		require.Equal(t, 1, r.CallCount())
	})
	t.Run("limited in number over all sessions", func(t *testing.T) {
		r := New()
		for session := range 5 {
			tx := r.Begin(fmt.Sprint(session), "cms1", at(0))
			for n := range maxReserved {
				tx.Join(JoinRequest{ID: fmt.Sprint(n), Trace: pcommon.TraceID{1}})
			}
			tx.Drop()
		}
		require.Equal(t, 4*maxReserved, r.CallCount())
		bridge(2).begin(r, 601).Join(bridge(2).joinRequest("", ""))
		require.Equal(t, 1, r.CallCount())
		require.Equal(t, 1, r.reservedCount)
	})
}

// TestDroppedDeparture checks that a dropped departure changes no meeting.
func TestDroppedDeparture(t *testing.T) {
	r := New()
	bridge(1).join(r, correlator, "")
	dropped := bridge(1).begin(r, 50)
	require.False(t, dropped.Leave("call", at(50)).Shared)
	require.Equal(t, pcommon.TraceID{2}, bridge(2).join(r, correlator, ""), "the only call is leaving, so this is another meeting")
	bridge(2).leave(r, 51)
	dropped.Drop()
	require.Equal(t, pcommon.TraceID{1}, bridge(3).join(r, correlator, ""))
	dropped = bridge(3).begin(r, 70)
	require.Equal(t, at(70), dropped.Leave("call", at(70)).End)
	dropped.Drop()
	departure := bridge(1).leave(r, 60)
	require.Equal(t, Departure{Shared: true, Key: correlator, Trace: pcommon.TraceID{1}, Start: at(1), End: at(60)}, departure, "the departure includes the end of a dropped one")
}

// TestSpanOwner checks that exactly one of the last two departures carries the meeting's
// span if both are staged at the same time, regardless of which of them is dropped.
func TestSpanOwner(t *testing.T) {
	// leaveBoth stages both departures. That of owner carries the span.
	leaveBoth := func(t *testing.T) (r *Registry, other, owner *Transaction) {
		r = New()
		bridge(1).join(r, correlator, "")
		bridge(2).join(r, correlator, "")
		other, owner = bridge(1).begin(r, 50), bridge(2).begin(r, 51)
		require.False(t, other.Leave("call", at(60)).EndsMeeting)
		require.Equal(t, Departure{
			Shared: true, EndsMeeting: true, Key: correlator, Trace: pcommon.TraceID{1}, Start: at(1), End: at(60),
		}, owner.Leave("call", at(51)), "the span does not include the end of the other departure")
		return r, other, owner
	}
	t.Run("both are committed", func(t *testing.T) {
		r, other, owner := leaveBoth(t)
		owner.Commit(nil)
		other.Commit(nil)
		require.Zero(t, r.CallCount())
	})
	t.Run("the departure of the span owner is dropped", func(t *testing.T) {
		r, other, owner := leaveBoth(t)
		owner.Drop()
		other.Commit(nil)
		require.True(t, bridge(2).leave(r, 51).EndsMeeting)
	})
	t.Run("the other departure is dropped", func(t *testing.T) {
		r, other, owner := leaveBoth(t)
		other.Drop()
		owner.Commit(nil)
		departure := bridge(1).leave(r, 60)
		require.True(t, departure.Shared)
		require.False(t, departure.EndsMeeting, "the span is emitted twice")
	})
	t.Run("the other departure is dropped and staged again before that of the span owner is dropped", func(t *testing.T) {
		r, other, owner := leaveBoth(t)
		other.Drop()
		other = bridge(1).begin(r, 52)
		require.False(t, other.Leave("call", at(60)).EndsMeeting, "there are two span owners")
		owner.Drop()
		other.Commit(nil)
		require.True(t, bridge(2).leave(r, 51).EndsMeeting)
	})
	t.Run("the transaction of the span owner is unfinished when its session begins another one", func(t *testing.T) {
		r, other, _ := leaveBoth(t)
		other.Commit(nil)
		require.True(t, bridge(2).leave(r, 51).EndsMeeting)
	})
}

// TestJoinAndLeaveInOneTransaction checks that a call that joins and leaves in one
// transaction, and the committed call that it overlaps, agree on whether their meeting
// is shared.
func TestJoinAndLeaveInOneTransaction(t *testing.T) {
	r := New()
	bridge(1).join(r, correlator, "")
	brief := bridge(2).begin(r, 10)
	brief.Join(bridge(2).joinRequest(correlator, ""))
	departure := brief.Leave("call", at(12))
	require.True(t, departure.Shared)
	require.False(t, departure.EndsMeeting)
	require.True(t, bridge(1).leave(r, 13).EndsMeeting, "the last departure does not carry the span")
	brief.Commit(nil)
	require.Zero(t, r.CallCount())

	bridge(1).join(r, correlator, "")
	brief = bridge(2).begin(r, 10)
	brief.Join(bridge(2).joinRequest(correlator, ""))
	require.False(t, bridge(1).leave(r, 11).Shared, "a call that is only reserved makes the meeting shared")
	require.False(t, brief.Leave("call", at(12)).Shared)
	brief.Commit(nil)
	require.Zero(t, r.CallCount())
}
