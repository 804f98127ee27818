package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Leg is an open call leg, as its records so far tell. CallLeg.Call is the call
// it is in, or was in last.
type Leg struct {
	Common
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
	Dropped uint32
	Links   []Link
}

func newLeg(common Common) Entity { return &Leg{Common: common} }

func (l *Leg) copied() Entity {
	copied := *l
	return &copied
}

func (l *Leg) in() string             { return l.Call }
func (l *Leg) trace() pcommon.TraceID { return l.Trace }

func (l *Leg) moveTo(trace pcommon.TraceID) { l.Trace = trace }

// menu puts the leg into the voice menu, if the record says so.
func (l *Leg) menu(in bool, at pcommon.Timestamp, late bool) {
	if in && !l.IVR.Lasts() && !late {
		l.IVR.enter(at)
		l.add(Event{Kind: IVR, Time: at})
	}
}

// wait puts the leg into the lobby, or lets it in.
func (l *Leg) wait(deactivated bool, at pcommon.Timestamp) {
	if deactivated {
		l.Lobby.enter(at)
		l.add(Event{Kind: Lobby, Time: at})
		return
	}
	l.Lobby.leave(at)
	l.add(Event{Kind: Activated, Time: at})
}

// leaveAll ends the stays that last.
func (l *Leg) leaveAll(at pcommon.Timestamp) {
	l.IVR.leave(at)
	l.Lobby.leave(at)
}

func (t *Transaction) callLegStart(record *cdr.Record, body *cdr.CallLegStart) Effect {
	of, late := t.aboutLeg(record)
	at := timeOf(record)
	of.begin(record)
	of.merge(&body.CallLeg, late, nil)
	of.menu(body.IVR, at, late)
	t.enter(of, body.Call, at, late)
	return t.legEffect(of)
}

func (t *Transaction) callLegUpdate(record *cdr.Record, body *cdr.CallLegUpdate) Effect {
	of, late := t.aboutLeg(record)
	at := timeOf(record)
	if body.State == stateConnected && of.ConnectedAt == 0 {
		of.ConnectedAt = at
		of.add(Event{Kind: Connected, Time: at})
	}
	of.menu(body.IVR, at, late)
	t.enter(of, body.Call, at, late)
	if mergeOptional(&of.Deactivated, body.Deactivated, late) {
		of.wait(body.Deactivated.Value, at)
	}
	var changes []Change
	if of.merge(&body.CallLeg, late, &changes); len(changes) > 0 {
		of.add(Event{Kind: Updated, Time: at, Changes: changes})
	}
	return t.legEffect(of)
}

// stateConnected is the only state that the guide knows. Its absence
// disconnects nothing.
const stateConnected = "connected"

func (t *Transaction) callLegEnd(record *cdr.Record, body *cdr.CallLegEnd) Effect {
	of, late := t.aboutLeg(record)
	at := timeOf(record)
	of.merge(&body.CallLeg, late, nil)
	t.enter(of, body.Call, at, late)
	effect := t.legEffect(of)
	if t.isOpen(of) {
		t.finish(of, record, body.DurationSeconds)
	}
	return effect.atEnd(of)
}

func (t *Transaction) aboutLeg(record *cdr.Record) (*Leg, bool) {
	entity, late := t.about(aLeg, record, newLeg)
	return entity.(*Leg), late
}

// enter puts the leg into the call, if the record names one that the leg is not
// in. A late record takes it out of none, and a leg that ended enters none.
func (t *Transaction) enter(of *Leg, callID string, at pcommon.Timestamp, late bool) {
	if callID == "" || callID == of.Call && !of.IVR.Lasts() || late && of.Call != "" || !t.isOpen(of) {
		return
	}
	if callID != of.Call {
		of.Call = t.kept(callID)
		t.enters(of)
	}
	of.Trace = t.traceOf(of.Call)
	of.IVR.leave(at)
	of.Orphaned = 0
	if call := t.closedAs(key{aCall, of.Call}); call != nil && call.final() {
		t.orphan(of)
	}
	of.add(Event{Kind: Joined, Time: at, Call: of.Call})
}

// legEffect also lets the leg be found, and finds what it refers to.
func (t *Transaction) legEffect(of *Leg) Effect {
	if t.isOpen(of) {
		t.link(of)
		t.name(of)
	}
	effect := t.effectOf(of)
	effect.Leg = of
	return effect
}
