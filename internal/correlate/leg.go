package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Leg is a call leg, open or closed, as the records received so far describe it.
// CallLeg.Call is the call that it is in, or was in last.
type Leg struct {
	EntityFields
	cdr.CallLeg
	// Trace is the trace of the last call that the leg was in, and empty if it never joined
	// one. The leg that is created for a record after such a leg's end record has the trace
	// of the closed leg's span.
	Trace pcommon.TraceID
	// ConnectedAt is zero until the leg is connected.
	ConnectedAt pcommon.Timestamp
	// Deactivated is true while the leg is in the lobby; absent if no record contained
	// it.
	Deactivated cdr.Optional[bool]
	// IVR and Lobby are the time that the leg spent in the voice menu and in the
	// lobby.
	IVR, Lobby Stay
	Events     []Event
	// DroppedEvents counts the events beyond the limits.
	DroppedEvents uint32
	Links         []Link
}

func newLeg(fields EntityFields) Entity { return &Leg{EntityFields: fields} }

func (l *Leg) clone() Entity {
	clone := *l
	return &clone
}

func (l *Leg) callID() string         { return l.Call }
func (l *Leg) trace() pcommon.TraceID { return l.Trace }

func (l *Leg) setTrace(trace pcommon.TraceID) { l.Trace = trace }

// enterIVR moves the leg to the voice menu if the record contains the element ivr. This ends
// the grace period that the leg has because its call ended. A late record does not move it.
func (l *Leg) enterIVR(inIVR bool, at pcommon.Timestamp, late bool) {
	if inIVR && !l.IVR.Active() && !late {
		l.IVR.start(at)
		l.GraceBegan = 0
		l.addEvent(Event{Kind: EventIVR, Time: at})
	}
}

// setLobby moves the leg to the lobby, or out of it.
func (l *Leg) setLobby(deactivated bool, at pcommon.Timestamp) {
	if deactivated {
		l.Lobby.start(at)
		l.addEvent(Event{Kind: EventLobby, Time: at})
		return
	}
	l.Lobby.stop(at)
	l.addEvent(Event{Kind: EventActivated, Time: at})
}

// stopStays ends the current visits to the voice menu and to the lobby.
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
	return t.legEffect(leg, false)
}

func (t *Transaction) callLegUpdate(record *cdr.Record, body *cdr.CallLegUpdate) Effect {
	leg, late := t.legFor(record)
	at := timeOf(record)
	if body.State == cdr.Connected && leg.ConnectedAt == 0 {
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
	return t.legEffect(leg, false)
}

func (t *Transaction) callLegEnd(record *cdr.Record, body *cdr.CallLegEnd) Effect {
	leg, late := t.legFor(record)
	at := timeOf(record)
	leg.merge(&body.CallLeg, late, nil)
	t.joinCall(leg, body.Call, at, late)
	effect := t.legEffect(leg, true)
	if t.isOpen(leg) {
		t.closeByRecord(leg, record, body.DurationSeconds)
	}
	return effect.withOwnTrace(leg)
}

func (t *Transaction) legFor(record *cdr.Record) (*Leg, bool) {
	entity, late := t.entityFor(legKind, record, newLeg)
	return entity.(*Leg), late
}

// joinCall moves the leg to the call that the record names. A late record does not move
// a leg that is or was in a call, and ends no newer visit to the voice menu. A closed leg does
// not move.
func (t *Transaction) joinCall(leg *Leg, callID string, at pcommon.Timestamp, late bool) {
	if callID == "" || callID == leg.Call && !leg.IVR.Active() || late && leg.Call != "" || !t.isOpen(leg) {
		return
	}
	if callID != leg.Call {
		t.noteLeft(leg)
		leg.Call = t.stableCallID(callID)
		t.noteEntered(leg)
	}
	leg.Trace = t.callTrace(leg.Call)
	if !late || at >= leg.IVR.Since {
		leg.IVR.stop(at)
	}
	t.resetGrace(leg)
	leg.addEvent(Event{Kind: EventJoined, Time: at, Call: leg.Call})
}

// legEffect returns the effect of a record about the leg. It also sets the leg's links and,
// unless the record ends the leg, its aliases.
func (t *Transaction) legEffect(leg *Leg, ends bool) Effect {
	if t.isOpen(leg) {
		t.linkReferences(leg)
		if !ends {
			t.setAliases(leg)
		}
	}
	effect := t.effectOf(leg)
	effect.Leg = leg
	return effect
}
