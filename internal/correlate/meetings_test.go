package correlate

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

const (
	spaceID      = "c05bace0-0000-4000-8000-000000000001"
	callID       = "ca110000-0000-4000-8000-000000000001"
	secondCallID = "ca110000-0000-4000-8000-000000000002"
	thirdCallID  = "ca110000-0000-4000-8000-000000000003"
	correlatorID = "c0221a70-0000-4000-8000-000000000001"
)

// newSessions returns two sessions with a common registry of meetings.
func newSessions(limits Limits) (one, two *Session) {
	registry := meeting.New()
	return NewSession("one", registry, limits), NewSession("two", registry, limits)
}

// TestMeetingCounts checks that every call is a meeting or part of one, with or without a
// correlator or coSpace, and at which source the commit counts it.
func TestMeetingCounts(t *testing.T) {
	one, two := newSessions(highLimits)
	started := func(source string) []meeting.CountChange {
		return []meeting.CountChange{{Source: source, Active: 1, Starts: 1}}
	}
	_, counts := commitRecords(one, "cms1", second(0), callStart(0, callID, cdr.Call{CoSpace: spaceID}))
	require.Equal(t, started("cms1"), counts)
	_, counts = commitRecords(two, "cms2", second(0), callStart(0, secondCallID, cdr.Call{CoSpace: spaceID, Correlator: correlatorID}))
	require.Empty(t, counts, "the call is not in the meeting of the first call")
	_, counts = commitRecords(two, "cms2", second(0), callStart(1, thirdCallID, cdr.Call{}))
	require.Equal(t, started("cms2"), counts, "a call with neither correlator nor coSpace must be a meeting of its own")

	dropped := one.Begin("cms1", second(0))
	dropped.CloseIncomplete(one.PlanAll(Evicted))
	dropped.Drop()
	tx := one.Begin("cms1", second(0))
	tx.CloseIncomplete(one.PlanAll(Evicted))
	require.Equal(t, []meeting.CountChange{{Source: "cms1", Active: -1}, {Source: "cms2", Active: 1}}, tx.Commit())

	// If the session moves to another source, its meetings are counted there.
	_, counts = commitRecords(two, "bridge 2", second(0), recordOf(2, "leg", &cdr.CallLegStart{}))
	moved := []meeting.CountChange{{Source: "cms2", Active: -1}, {Source: "bridge 2", Active: 1}}
	require.Equal(t, append(moved, moved...), counts)
	_, counts = commitRecords(two, "bridge 2", second(0), callEnd(3, secondCallID), callEnd(4, thirdCallID))
	require.Equal(t, []meeting.CountChange{{Source: "bridge 2", Active: -1}, {Source: "bridge 2", Active: -1}}, counts)
}

// TestDroppedMeetingChanges checks that a dropped transaction changes no meeting, except
// that a call that begins keeps its reservation.
func TestDroppedMeetingChanges(t *testing.T) {
	one, two := newSessions(highLimits)
	call := cdr.Call{Correlator: correlatorID}
	dropped := one.Begin("cms1", second(0))
	dropped.Apply(callStart(0, callID, call))
	dropped.Drop()
	effect, counts := commitRecords(two, "cms2", second(0), callStart(0, secondCallID, call))
	require.Equal(t, TraceID(callID), effect.Trace, "the call does not join the meeting of the reserved one")
	require.Equal(t, []meeting.CountChange{{Source: "cms2", Active: 1, Starts: 1}}, counts)
	commitRecords(one, "cms1", second(0), callStart(0, callID, call))
	dropped = two.Begin("cms2", second(0))
	dropped.Apply(callEnd(50, secondCallID))
	dropped.Drop()
	effect, _ = commitRecords(one, "cms1", second(0), callEnd(20, callID))
	require.Len(t, effect.Ended, 1, "the meeting ended with the first call")
	effect, _ = commitRecords(two, "cms2", second(0), callEnd(30, secondCallID))
	require.Len(t, effect.Ended, 2)
	require.Equal(t, timeOf(callEnd(30, secondCallID)), effect.Ended[1].End)
	require.Equal(t, effect.Ended[1].Span, effect.Ended[0].Parent)
}

// TestLateCallStart checks that a late callStart of an older call takes neither the
// coSpace nor the meeting from the newer call.
func TestLateCallStart(t *testing.T) {
	one, two := newSessions(highLimits)
	call := cdr.Call{CoSpace: spaceID, Correlator: correlatorID}
	commitRecords(one, "cms1", second(0), callStart(5, secondCallID, call))
	effect, counts := commitRecords(one, "cms1", second(0), callStart(0, callID, call))
	require.Equal(t, TraceID(callID), effect.Trace, "the late call has no trace of its own")
	require.Equal(t, []meeting.CountChange{{Source: "cms1", Active: 1, Starts: 1}}, counts, "the late call is no meeting of its own")
	require.NotZero(t, effect.Call.GraceBegan, "the late call has no grace period")
	effect, _ = commitRecords(two, "cms2", second(0), callStart(0, thirdCallID, call))
	require.Equal(t, TraceID(secondCallID), effect.Trace)

	restored := NewSession("one", meeting.New(), highLimits)
	restored.Restore("cms1", one.State(), slices.Collect(one.Open()), 0, 6)
	restored.meetings.Restore(restored.Memberships(), nil)
	other := NewSession("two", restored.meetings, highLimits)
	effect, _ = commitRecords(other, "cms2", second(0), callStart(0, thirdCallID, call))
	require.Equal(t, TraceID(secondCallID), effect.Trace, "after a restart of the receiver, a call joins the late one")

	commitRecords(restored, "cms1", second(0), callEnd(7, secondCallID))
	commitRecords(other, "cms2", second(0), callEnd(1, thirdCallID))
	effect, _ = commitRecords(other, "cms2", second(0), callStart(2, "ca110000-0000-4000-8000-000000000004", call))
	require.Equal(t, TraceID(effect.Call.ID), effect.Trace, "after the newer call ended, a call joins the late one")

	effect, _ = commitRecords(one, "cms1", second(0), callStart(9, "ca110000-0000-4000-8000-000000000004", call))
	require.Len(t, effect.Ended, 1)
	require.Equal(t, secondCallID, effect.Ended[0].Entity.(*Call).ID, "the newest call did not supersede the newer one")
}

// TestRestoredCallsMove checks that the meetings of a restored session are counted at
// another source if the first document after the restart names it.
func TestRestoredCallsMove(t *testing.T) {
	session := newSession(highLimits)
	commitRecords(session, "cms1", second(0), callStart(0, callID, cdr.Call{CoSpace: spaceID}))
	restored := newSession(highLimits)
	restored.Restore("cms1", session.State(), slices.Collect(session.Open()), 0, 1)
	restored.meetings.Restore(restored.Memberships(), nil)
	_, counts := commitRecords(restored, "bridge 1", second(1), recordOf(1, "leg", &cdr.CallLegStart{}))
	require.Equal(t, []meeting.CountChange{{Source: "cms1", Active: -1}, {Source: "bridge 1", Active: 1}}, counts)
}

// TestMeetingCorrelator checks the correlator of a meeting: that of its first call, else that
// of the call that leaves it last, and never a coSpace.
func TestMeetingCorrelator(t *testing.T) {
	cases := map[string]struct {
		calls []cdr.Call // one on each Call Bridge; they end in this order
		want  string
	}{
		"of the first call":        {[]cdr.Call{{CoSpace: "s", Correlator: "a"}, {CoSpace: "s", Correlator: "b"}}, "a"},
		"of the last call":         {[]cdr.Call{{CoSpace: "s"}, {CoSpace: "s", Correlator: "b"}}, "b"},
		"none":                     {[]cdr.Call{{CoSpace: "s"}, {CoSpace: "s"}}, ""},
		"last call, other coSpace": {[]cdr.Call{{CoSpace: "s"}, {CoSpace: "s", Correlator: "b"}, {CoSpace: "t", Correlator: "b"}}, "b"},
		"first call, no coSpace":   {[]cdr.Call{{Correlator: "a"}, {CoSpace: "s", Correlator: "a"}, {CoSpace: "s"}}, "a"},
	}
	require.Len(t, cases, 5)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			registry := meeting.New()
			sessions := make([]*Session, len(c.calls))
			callIDOf := func(i int) string { return []string{callID, secondCallID, thirdCallID}[i] }
			for i, call := range c.calls {
				sessions[i] = NewSession(fmt.Sprint(i), registry, highLimits)
				commitRecords(sessions[i], fmt.Sprint("cms", i), second(i), callStart(0, callIDOf(i), call))
			}
			var ended []EndedEntity
			for i := range c.calls {
				effect, _ := commitRecords(sessions[i], fmt.Sprint("cms", i), second(10+i), callEnd(1, callIDOf(i)))
				ended = effect.Ended
			}
			require.Len(t, ended, 2, "the last call must end the meeting")
			require.Equal(t, c.want, ended[1].Entity.(*Meeting).Correlator)
		})
	}
}

// TestRestoredOlderCall checks that the alias of a coSpace refers to its newer call after a
// restart, although a later record is about a leg that left the older call.
func TestRestoredOlderCall(t *testing.T) {
	session := newSession(highLimits)
	call := cdr.Call{CoSpace: spaceID}
	commitRecords(session, "cms1", second(0), callStart(5, secondCallID, call), callStart(0, callID, call),
		recordOf(6, "leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}), recordOf(7, "leg", &cdr.CallLegEnd{}))
	restored := newSession(highLimits)
	restored.Restore("cms1", session.State(), slices.Collect(session.Open()), 0, 8)
	require.Equal(t, map[alias]string{{coSpaceAlias, spaceID}: secondCallID}, restored.aliases)
}

// TestLateStartAfterLegLeft checks that the start record of a call closes an older call of its
// coSpace also if it arrives after a record with a higher index about a leg that left that call.
func TestLateStartAfterLegLeft(t *testing.T) {
	for name, left := range map[string]*cdr.Record{
		"ended": recordOf(3, "leg", &cdr.CallLegEnd{}),
		"moved": recordOf(3, "leg", &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{Call: secondCallID}}),
	} {
		t.Run(name, func(t *testing.T) {
			session := newSession(highLimits)
			call := cdr.Call{CoSpace: spaceID}
			commitRecords(session, "cms1", second(0), callStart(0, callID, call), recordOf(1, "leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}), left)
			effect, _ := commitRecords(session, "cms1", second(0), callStart(2, secondCallID, call))
			require.Len(t, effect.Ended, 1)
			require.Equal(t, Superseded, effect.Ended[0].Incomplete)
			require.Zero(t, effect.Call.GraceBegan)
		})
	}
}
