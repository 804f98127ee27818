package correlate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestEventsAreLimited checks the limits on the number and the texts of events. After
// one event is dropped, all later ones are. It also checks that addEvent copies the slice.
func TestEventsAreLimited(t *testing.T) {
	var withShortEvents Leg
	for range maxEvents + 10 {
		withShortEvents.addEvent(Event{Kind: EventLobby})
	}
	require.Len(t, withShortEvents.Events, maxEvents)
	require.EqualValues(t, 10, withShortEvents.DroppedEvents)

	withSpareCapacity := Leg{Events: make([]Event, 3, 4)}
	clone := withSpareCapacity
	withSpareCapacity.addEvent(Event{Kind: EventJoined})
	clone.addEvent(Event{Kind: EventLobby})
	require.Equal(t, EventJoined, withSpareCapacity.Events[3].Kind, "a slice that a session may hold was changed in place")

	var leg Leg
	for i := range 100 {
		text := fmt.Sprint(i, strings.Repeat("x", maxText-2))
		leg.addEvent(Event{Kind: EventUpdated, Changes: []Change{{Attribute: "a", Text: text}}})
	}
	leg.addEvent(Event{Kind: EventJoined, Call: "c"})
	textBytes := 0
	for i := range leg.Events {
		textBytes += leg.Events[i].textSize()
	}
	require.LessOrEqual(t, textBytes, maxEventTextBytes)
	require.Greater(t, textBytes, maxEventTextBytes-2*maxText)
	require.EqualValues(t, 101-len(leg.Events), leg.DroppedEvents)
	require.Equal(t, EventUpdated, leg.Events[len(leg.Events)-1].Kind, "an event after a dropped one was added")
}

// TestLateRecordOfALeg checks that a late record moves a leg that is in no call into the call
// that it names, and does not move one that is in another call.
func TestLateRecordOfALeg(t *testing.T) {
	for current, want := range map[string]string{"": callID, secondCallID: secondCallID} {
		session := newSession(highLimits)
		commitRecords(session, "cms1", second(0),
			recordOf(5, "leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: current}}),
			recordOf(3, "leg", &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{Call: callID}}))
		require.Equal(t, 1, session.LegCount())
		for entity := range session.Open() {
			require.Equal(t, want, entity.callID())
		}
	}
}

// TestLateIVR checks that a late record does not move a leg to the voice menu.
func TestLateIVR(t *testing.T) {
	session := newSession(highLimits)
	effect, _ := commitRecords(session, "cms1", second(0),
		recordOf(5, "leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}), recordOf(3, "leg", &cdr.CallLegUpdate{IVR: true}))
	require.Equal(t, Stay{}, effect.Leg.IVR)
}

// TestLateJoin checks that a late record that names the call of a leg ends a visit to the voice
// menu that began before it, and no newer one.
func TestLateJoin(t *testing.T) {
	for ivr, active := range map[int]bool{2: false, 5: true} {
		session := newSession(highLimits)
		effect, _ := commitRecords(session, "cms1", second(0), recordOf(1, "leg", &cdr.CallLegStart{}),
			recordOf(ivr, "leg", &cdr.CallLegUpdate{IVR: true}), recordOf(7, "leg", &cdr.CallLegUpdate{}),
			recordOf(3, "leg", &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{Call: callID}}))
		require.Equal(t, callID, effect.Leg.Call)
		require.Equal(t, active, effect.Leg.IVR.Active(), "voice menu at %d", ivr)
	}
}

// TestLateJoinOfEndedCall checks that a late record that names a call that ended starts no grace
// period of a leg that went to the voice menu since, because such a leg can outlast its call.
func TestLateJoinOfEndedCall(t *testing.T) {
	session := newSession(highLimits)
	effect, _ := commitRecords(session, "cms1", second(0), callStart(0, callID, cdr.Call{}), recordOf(1, "leg", &cdr.CallLegStart{}),
		recordOf(5, "leg", &cdr.CallLegUpdate{IVR: true}), callEnd(6, callID),
		recordOf(3, "leg", &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{Call: callID}}))
	require.Equal(t, callID, effect.Leg.Call)
	require.True(t, effect.Leg.IVR.Active())
	require.Zero(t, effect.Leg.GraceBegan)
}

// TestRolesAndOutcomes checks the order of precedence of the roles, and how many reasons
// of the guide have each outcome.
func TestRolesAndOutcomes(t *testing.T) {
	yes := cdr.Optional[bool]{Value: true, Present: true}
	for want, leg := range map[string]cdr.CallLeg{
		"recorder":     {Recording: yes, Streaming: yes},
		"streamer":     {Streaming: yes, SubType: "distributionLink"},
		"distribution": {SubType: "distributionLink", LyncSubType: "applicationSharing"},
		"sharing":      {SubType: "lync", LyncSubType: "applicationSharing"},
		"messaging":    {SubType: "lync", LyncSubType: "InstantMessaging"},
		"participant":  {SubType: "lync", LyncSubType: "audioVideo"},
	} {
		require.Equal(t, want, Role(&leg))
	}
	countByOutcome := map[string]int{}
	for outcome, reasons := range reasonsByOutcome {
		for _, reason := range reasons {
			want := Ending{Reason: reason, Outcome: outcome}
			require.Equal(t, want, EndingOf(reason))
			require.Equal(t, want, EndingOf(strings.ToUpper(reason)))
		}
		countByOutcome[outcome] = len(reasons)
	}
	require.Equal(t, map[string]int{OutcomeCompleted: 7, OutcomeNotJoined: 10, OutcomeFailed: 4}, countByOutcome)
	require.Equal(t, Ending{Outcome: OutcomeUnknown}, EndingOf("unknown reason"))
}
