package correlate

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// TestEndedLegsAreForgotten checks that the trace of a leg that ended in a call is remembered,
// and is forgotten after many further legs ended.
func TestEndedLegsAreForgotten(t *testing.T) {
	registry := meeting.New()
	session := NewSession("s", registry, highLimits)
	commitRecords(session, "cms1", second(0), recordOf(0, "leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}))
	commitRecords(session, "cms1", second(1), recordOf(1, "leg", &cdr.CallLegEnd{}))
	trace, found := registry.LegTrace("leg")
	require.True(t, found)
	require.Equal(t, TraceID(callID), trace)
	for n := range 1 << 15 {
		registry.LegEnded(fmt.Sprint(n), trace)
	}
	_, found = registry.LegTrace("leg")
	require.False(t, found)
}

// TestLegOpenedAgain checks that a leg that is evicted and opened again in one transaction is
// in the trace of its present call.
func TestLegOpenedAgain(t *testing.T) {
	registry := meeting.New()
	session := NewSession("s", registry, Limits{MaxOpen: 1, Expire: time.Hour})
	commitRecords(session, "cms1", second(0),
		recordOf(0, "leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}),
		recordOf(1, "other leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}),
		recordOf(2, "leg", &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{Call: secondCallID}}))
	trace, _ := registry.LegTrace("leg")
	require.Equal(t, TraceID(secondCallID), trace)
}

// TestLinkedLegMoved checks that the links of a leg or recording that ends have the trace that the
// linked leg is in at that moment, not the one that it was in when the link was added.
func TestLinkedLegMoved(t *testing.T) {
	session := newSession(highLimits)
	effect, _ := commitRecords(session, "cms1", second(0),
		recordOf(0, "old", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}),
		recordOf(1, "new", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID, MovedCallLeg: "old"}}))
	require.Equal(t, TraceID(callID), effect.Leg.Links[0].Trace)
	commitRecords(session, "cms1", second(2),
		recordOf(2, "recording", &cdr.RecordingStart{Recording: cdr.Recording{Call: callID, CallLeg: "old"}}),
		recordOf(3, "old", &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{Call: secondCallID}}))
	for index, record := range []*cdr.Record{recordOf(4, "new", &cdr.CallLegEnd{}), recordOf(5, "recording", &cdr.RecordingEnd{Recording: cdr.Recording{Call: callID}})} {
		effect, _ = commitRecords(session, "cms1", second(4+index), record)
		require.Len(t, effect.Ended, 1)
		require.Equal(t, TraceID(secondCallID), effect.Ended[0].Links[0].Trace)
	}
}

// TestLinksDoNotDependOnDivision checks that a leg has the same links whether or not the leg
// that had the alias ended in the same transaction.
func TestLinksDoNotDependOnDivision(t *testing.T) {
	start, end := recordOf(0, "old", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID, SIPCallID: "dialog"}}), recordOf(1, "old", &cdr.CallLegEnd{})
	replacing := recordOf(2, "new", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID, ReplacesSIPCallID: "dialog"}})
	together, divided := newSession(highLimits), newSession(highLimits)
	commitRecords(together, "cms1", second(0), start)
	got, _ := commitRecords(together, "cms1", second(1), end, replacing)
	commitRecords(divided, "cms1", second(0), start)
	commitRecords(divided, "cms1", second(1), end)
	want, _ := commitRecords(divided, "cms1", second(1), replacing)
	require.Equal(t, want.Leg.Links, got.Leg.Links)
}

// TestLinksAreCopied checks that addLink does not change a slice that the session may hold.
func TestLinksAreCopied(t *testing.T) {
	session := newSession(highLimits)
	commitRecords(session, "cms1", second(0), recordOf(0, "linked", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}))
	tx := session.Begin("cms1", second(1))
	leg := Leg{Links: make([]Link, 0, 2)}
	clone := leg
	tx.addLink(&leg, MovedFrom, "linked")
	tx.addLink(&clone, Replaces, "linked")
	require.Equal(t, MovedFrom, leg.Links[0].Reason)
}

// TestAliasesOfLegs checks that a leg links to the first leg of its Lync group if that is open.
// If several legs of the SIP dialog that it replaces are open, it links to the one with the
// latest record. A restart before the last document changes nothing in these cases.
func TestAliasesOfLegs(t *testing.T) {
	const first, second, third = "1e900000-0000-4000-8000-000000000001", "1e900000-0000-4000-8000-000000000002", "1e900000-0000-4000-8000-000000000003"
	start := func(index int, id string, leg cdr.CallLeg) *cdr.Record {
		leg.Call = callID
		return recordOf(index, id, &cdr.CallLegStart{CallLeg: leg})
	}
	update := recordOf(1, first, &cdr.CallLegUpdate{State: cdr.Connected})
	end := recordOf(2, first, &cdr.CallLegEnd{})
	lync := cdr.CallLeg{SubType: "lync", GroupID: "group"}
	dialog := cdr.CallLeg{SIPCallID: "dialog"}
	for name, c := range map[string]struct {
		documents [][]*cdr.Record // the last record is about the leg whose links are checked
		want      []Link
	}{
		"group, after an update": {
			[][]*cdr.Record{{start(0, first, lync)}, {update}, {start(3, third, lync)}},
			[]Link{{Reason: SameGroup, LegID: first}},
		},
		"group with several open legs, the first of which was updated last": {
			[][]*cdr.Record{{start(0, first, lync)}, {start(1, second, lync)}, {recordOf(2, first, &cdr.CallLegUpdate{})}, {start(3, third, lync)}},
			[]Link{{Reason: SameGroup, LegID: first}},
		},
		"group with several open legs": {
			[][]*cdr.Record{{start(0, first, lync)}, {start(1, second, lync)}, {start(3, third, lync)}},
			[]Link{{Reason: SameGroup, LegID: first}},
		},
		"group whose first leg ended in the document of the second": {
			[][]*cdr.Record{{start(0, first, lync)}, {end, start(3, second, lync)}, {start(4, third, lync)}},
			[]Link{{Reason: SameGroup, LegID: second}},
		},
		"group of a leg that is not a Lync leg": {
			[][]*cdr.Record{{start(0, first, lync)}, {start(3, third, cdr.CallLeg{GroupID: "group"})}}, nil,
		},
		"group whose first leg ended after the link": {
			[][]*cdr.Record{
				{start(0, first, lync), start(1, third, lync)},
				{end},
				{start(3, second, lync)},
				{recordOf(4, third, &cdr.CallLegUpdate{State: cdr.Connected})},
			},
			[]Link{{Reason: SameGroup, LegID: first}},
		},
		"dialog, after an update": {
			[][]*cdr.Record{{start(0, first, dialog)}, {update}, {start(3, third, cdr.CallLeg{ReplacesSIPCallID: "dialog"})}},
			[]Link{{Reason: Replaces, LegID: first}},
		},
		"dialog with several open legs, the first of which was updated last": {
			[][]*cdr.Record{
				{start(0, first, dialog)},
				{start(1, second, dialog)},
				{recordOf(2, first, &cdr.CallLegUpdate{})},
				{start(3, third, cdr.CallLeg{ReplacesSIPCallID: "dialog"})},
			},
			[]Link{{Reason: Replaces, LegID: first}},
		},
		"dialog that another leg continues": {
			[][]*cdr.Record{{start(0, first, dialog)}, {start(1, second, dialog)}, {end}, {start(3, third, cdr.CallLeg{ReplacesSIPCallID: "dialog"})}},
			[]Link{{Reason: Replaces, LegID: second}},
		},
		"dialog that another leg continues, in one document": {
			[][]*cdr.Record{{start(0, first, dialog)}, {start(1, second, dialog)}, {end, start(3, third, cdr.CallLeg{ReplacesSIPCallID: "dialog"})}},
			[]Link{{Reason: Replaces, LegID: second}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range c.want {
				c.want[i].Trace, c.want[i].Span = TraceID(callID), SpanID(c.want[i].LegID)
			}
			last := len(c.documents) - 1
			session := newSession(highLimits)
			for _, records := range c.documents[:last] {
				commitRecords(session, "cms1", epoch, records...)
			}
			restored := NewSession(session.id, session.meetings, highLimits)
			restored.Restore("cms1", session.State(), slices.Collect(session.Open()), 0, 3)
			effect, _ := commitRecords(session, "cms1", epoch, c.documents[last]...)
			require.Equal(t, c.want, effect.Leg.Links)
			effect, _ = commitRecords(restored, "cms1", epoch, c.documents[last]...)
			require.Equal(t, c.want, effect.Leg.Links, "after a restart")
		})
	}
}
