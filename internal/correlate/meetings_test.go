package correlate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

const (
	spaceID  = "c05bace0-0000-4000-8000-000000000001"
	callID   = "ca110000-0000-4000-8000-000000000001"
	otherID  = "ca110000-0000-4000-8000-000000000002"
	thirdID  = "ca110000-0000-4000-8000-000000000003"
	meetingA = "c0221a70-0000-4000-8000-000000000001"
)

// bridges are two sessions of one registry.
func bridges() (one, two *Session) {
	registry := meeting.New()
	return NewSession("one", registry, roomy), NewSession("two", registry, roomy)
}

func starts(id string, index int, call cdr.Call) *cdr.Record {
	return &cdr.Record{ID: id, Time: second(index), CorrelatorIndex: uint64(index), Body: &cdr.CallStart{Call: call}}
}

func ends(id string, index int) *cdr.Record {
	return &cdr.Record{ID: id, Time: second(index), CorrelatorIndex: uint64(index), Body: &cdr.CallEnd{}}
}

// take commits records of a session, and returns the last effect and the counts of
// the commit.
func take(of *Session, source string, records ...*cdr.Record) (effect Effect, counts []meeting.CountChange) {
	tx := of.Begin(source, second(0))
	for _, record := range records {
		effect = tx.Apply(record)
	}
	return effect, tx.Commit()
}

// TestMeetingCounts checks that every call is a meeting or part of one, with any
// names, and where the commit counts it.
func TestMeetingCounts(t *testing.T) {
	one, two := bridges()
	began := func(source string) []meeting.CountChange {
		return []meeting.CountChange{{Source: source, Active: 1, Starts: 1}}
	}
	_, counts := take(one, "cms1", starts(callID, 0, cdr.Call{CoSpace: spaceID}))
	require.Equal(t, began("cms1"), counts)
	_, counts = take(two, "cms2", starts(otherID, 0, cdr.Call{CoSpace: spaceID, Correlator: meetingA}))
	require.Empty(t, counts, "it is in the other's")
	_, counts = take(two, "cms2", starts(thirdID, 1, cdr.Call{}))
	require.Equal(t, began("cms2"), counts, "a call without names is a meeting of its own")

	refused := one.Begin("cms1", second(0))
	refused.CloseIncomplete(one.PlanAll(Evicted))
	refused.Drop()
	tx := one.Begin("cms1", second(0))
	tx.CloseIncomplete(one.PlanAll(Evicted))
	require.Equal(t, []meeting.CountChange{{Source: "cms1", Active: -1}, {Source: "cms2", Active: 1}}, tx.Commit())

	// The session turns out to be of another source: its counts move with it.
	_, counts = take(two, "bridge 2", &cdr.Record{ID: "leg", CorrelatorIndex: 2, Body: &cdr.CallLegStart{}})
	moved := []meeting.CountChange{{Source: "cms2", Active: -1}, {Source: "bridge 2", Active: 1}}
	require.Equal(t, append(moved, moved...), counts)
	_, counts = take(two, "bridge 2", ends(otherID, 3), ends(thirdID, 4))
	require.Equal(t, []meeting.CountChange{{Source: "bridge 2", Active: -1}, {Source: "bridge 2", Active: -1}}, counts)
}

// TestRefusedDocument checks that a refused document changes no meeting, except that
// a call that begins keeps its place.
func TestRefusedDocument(t *testing.T) {
	one, two := bridges()
	call := cdr.Call{Correlator: meetingA}
	refused := one.Begin("cms1", second(0))
	refused.Apply(starts(callID, 0, call))
	refused.Drop()
	effect, counts := take(two, "cms2", starts(otherID, 0, call))
	require.Equal(t, TraceID(callID), effect.Trace, "the place is reserved")
	require.Equal(t, []meeting.CountChange{{Source: "cms2", Active: 1, Starts: 1}}, counts)
	take(one, "cms1", starts(callID, 0, call))
	refused = two.Begin("cms2", second(0))
	refused.Apply(ends(otherID, 50))
	refused.Drop()
	effect, _ = take(one, "cms1", ends(callID, 20))
	require.Len(t, effect.Ended, 1, "the meeting continues")
	effect, _ = take(two, "cms2", ends(otherID, 30))
	require.Len(t, effect.Ended, 2)
	require.Equal(t, timeOf(ends("", 30)), effect.Ended[1].End)
	require.Equal(t, effect.Ended[1].Span, effect.Ended[0].Parent)
}

// TestLateCallStart checks that a late callStart of an older call takes neither the
// coSpace nor the meeting from the newer call.
func TestLateCallStart(t *testing.T) {
	one, two := bridges()
	call := cdr.Call{CoSpace: spaceID, Correlator: meetingA}
	take(one, "cms1", starts(otherID, 5, call))
	effect, _ := take(one, "cms1", starts(callID, 0, call))
	require.Equal(t, TraceID(callID), effect.Trace, "it is a trace of its own")
	require.NotZero(t, effect.Call.OrphanedAt, "it has its grace")
	effect, _ = take(two, "cms2", starts(thirdID, 0, call))
	require.Equal(t, TraceID(otherID), effect.Trace)

	restored := NewSession("one", meeting.New(), roomy)
	var open []Entity
	for entity := range one.Open() {
		open = append(open, entity)
	}
	restored.Restore(one.State(), open, 0, 6)
	restored.meetings.Restore(restored.Memberships("cms1"), nil)
	again := NewSession("two", restored.meetings, roomy)
	effect, _ = take(again, "cms2", starts(thirdID, 0, call))
	require.Equal(t, TraceID(otherID), effect.Trace, "nor after a restart of the receiver")

	take(restored, "cms1", ends(otherID, 7))
	take(again, "cms2", ends(thirdID, 1))
	effect, _ = take(again, "cms2", starts("ca110000-0000-4000-8000-000000000004", 2, call))
	require.Equal(t, TraceID(effect.Call.ID), effect.Trace, "nor is the older one found once the newer has ended")

	effect, _ = take(one, "cms1", starts("ca110000-0000-4000-8000-000000000004", 9, call))
	require.Len(t, effect.Ended, 1)
	require.Equal(t, otherID, effect.Ended[0].Entity.(*Call).ID, "the newer one is superseded")
}
