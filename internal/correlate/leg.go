package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Leg is an open call leg, as its records so far tell. CallLeg.Call is the call
// it is in, or was in last.
type Leg struct {
	EntityFields
	cdr.CallLeg
	// Trace is that of the last call it was in; empty if it never joined one.
	Trace pcommon.TraceID
	// ConnectedAt is zero until it is.
	ConnectedAt pcommon.Timestamp
	// Deactivated: it is in the lobby; absent if never told.
	Deactivated cdr.Optional[bool]
	// IVR and Lobby are the time it spent in the voice menu and in the lobby.
	IVR, Lobby Stay
	Events     []Event
	// Dropped is how many events are not kept.
	DroppedEvents uint32
	Links         []Link
}

func newLeg(common EntityFields) Entity { return &Leg{EntityFields: common} }

func (l *Leg) clone() Entity {
	copied := *l
	return &copied
}

func (l *Leg) callID() string         { return l.Call }
func (l *Leg) trace() pcommon.TraceID { return l.Trace }

func (l *Leg) setTrace(trace pcommon.TraceID) { l.Trace = trace }

// menu puts the leg into the voice menu, if the record says so.
func (l *Leg) enterIVR(in bool, at pcommon.Timestamp, late bool) {
	if in && !l.IVR.Active() && !late {
		l.IVR.start(at)
		l.addEvent(Event{Kind: EventIVR, Time: at})
	}
}

// wait puts the leg into the lobby, or lets it in.
func (l *Leg) setLobby(deactivated bool, at pcommon.Timestamp) {
	if deactivated {
		l.Lobby.start(at)
		l.addEvent(Event{Kind: EventLobby, Time: at})
		return
	}
	l.Lobby.stop(at)
	l.addEvent(Event{Kind: EventActivated, Time: at})
}

// leaveAll ends the stays that last.
func (l *Leg) stopStays(at pcommon.Timestamp) {
	l.IVR.stop(at)
	l.Lobby.stop(at)
}

func (t *Transaction) callLegStart(record *cdr.Record, body *cdr.CallLegStart) Effect {
	leg, late := t.legFor(record)
	at := timeOf(record)
	leg.setStart(record)
	leg.merge(&body.CallLeg, late, nil)
	leg.enterIVR(body.IVR, at, late)
	t.joinCall(leg, body.Call, at, late)
	return t.legEffect(leg)
}

func (t *Transaction) callLegUpdate(record *cdr.Record, body *cdr.CallLegUpdate) Effect {
	leg, late := t.legFor(record)
	at := timeOf(record)
	if body.State == stateConnected && leg.ConnectedAt == 0 {
		leg.ConnectedAt = at
		leg.addEvent(Event{Kind: EventConnected, Time: at})
	}
	leg.enterIVR(body.IVR, at, late)
	t.joinCall(leg, body.Call, at, late)
	if mergeOptional(&leg.Deactivated, body.Deactivated, late) {
		leg.setLobby(body.Deactivated.Value, at)
	}
	var changes []Change
	if leg.merge(&body.CallLeg, late, &changes); len(changes) > 0 {
		leg.addEvent(Event{Kind: EventUpdated, Time: at, Changes: changes})
	}
	return t.legEffect(leg)
}

// stateConnected is the only state that the guide knows. Its absence
// disconnects nothing.
const stateConnected = "connected"

func (t *Transaction) callLegEnd(record *cdr.Record, body *cdr.CallLegEnd) Effect {
	leg, late := t.legFor(record)
	at := timeOf(record)
	leg.merge(&body.CallLeg, late, nil)
	t.joinCall(leg, body.Call, at, late)
	effect := t.legEffect(leg)
	if t.isOpen(leg) {
		t.closeByRecord(leg, record, body.DurationSeconds)
	}
	return effect.withOwnTrace(leg)
}

func (t *Transaction) legFor(record *cdr.Record) (*Leg, bool) {
	entity, late := t.entityFor(legKind, record, newLeg)
	return entity.(*Leg), late
}

// enter puts the leg into the call, if the record names one that the leg is not
// in. A late record takes it out of none, and a leg that ended enters none.
func (t *Transaction) joinCall(leg *Leg, callID string, at pcommon.Timestamp, late bool) {
	if callID == "" || callID == leg.Call && !leg.IVR.Active() || late && leg.Call != "" || !t.isOpen(leg) {
		return
	}
	if callID != leg.Call {
		leg.Call = t.stableCallID(callID)
		t.noteEntered(leg)
	}
	leg.Trace = t.callTrace(leg.Call)
	leg.IVR.stop(at)
	leg.OrphanedAt = 0
	if call := t.findClosed(key{callKind, leg.Call}); call != nil && call.isFinal() {
		t.startGrace(leg)
	}
	leg.addEvent(Event{Kind: EventJoined, Time: at, Call: leg.Call})
}

// legEffect also lets the leg be found, and finds what it refers to.
func (t *Transaction) legEffect(leg *Leg) Effect {
	if t.isOpen(leg) {
		t.linkReferences(leg)
		t.setAliases(leg)
	}
	effect := t.effectOf(leg)
	effect.Leg = leg
	return effect
}
