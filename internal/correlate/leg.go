package correlate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Leg is an open call leg, as its records so far tell. CallLeg.Call is the call
// it is in, or was in last.
type Leg struct {
	cdr.CallLeg
	ID string
	// Start is zero if no callLegStart came.
	Start time.Time
	// Trace is that of the last call it was in; empty if it never joined one.
	Trace pcommon.TraceID
	// ConnectedAt is zero until it is.
	ConnectedAt time.Time
	// InIVR: the voice menu; Deactivated: the lobby, absent if never told.
	InIVR       bool
	Deactivated cdr.Optional[bool]
	Events      []Event
	Extra       Extra
}

func newLeg(id string) *Leg { return &Leg{ID: id} }

func (t *Transaction) callLegStart(record *cdr.Record, body *cdr.CallLegStart) Effect {
	leg := t.legs.edit(record.ID, newLeg)
	if leg.Start.IsZero() {
		leg.Start = record.Time
	}
	leg.Extra = leg.Extra.with(record)
	leg.merge(&body.CallLeg)
	t.join(leg, body.Call, record.Time)
	return t.legEffect(leg)
}

func (t *Transaction) callLegUpdate(record *cdr.Record, body *cdr.CallLegUpdate) Effect {
	leg := t.legs.edit(record.ID, newLeg)
	leg.Extra = leg.Extra.with(record)
	if body.State == stateConnected && leg.ConnectedAt.IsZero() {
		leg.ConnectedAt = record.Time
		leg.add(Event{Kind: Connected, Time: record.Time})
	}
	if body.IVR && !leg.InIVR {
		leg.InIVR = true
		leg.add(Event{Kind: IVR, Time: record.Time})
	}
	t.join(leg, body.Call, record.Time)
	if mergeOptional(&leg.Deactivated, body.Deactivated) {
		leg.add(Event{Kind: lobbyKind(body.Deactivated.Value), Time: record.Time})
	}
	if changes := leg.merge(&body.CallLeg); len(changes) > 0 {
		leg.add(Event{Kind: Updated, Time: record.Time, Changes: changes})
	}
	return t.legEffect(leg)
}

// stateConnected is the only state that the guide knows. Its absence
// disconnects nothing.
const stateConnected = "connected"

func (t *Transaction) callLegEnd(record *cdr.Record, body *cdr.CallLegEnd) Effect {
	leg := t.legs.edit(record.ID, newLeg)
	leg.Extra = leg.Extra.with(record)
	leg.merge(&body.CallLeg)
	t.join(leg, body.Call, record.Time)
	t.legs.remove(record.ID)
	effect := t.legEffect(leg)
	effect.Ended = &Ended{
		Trace: effect.Trace,
		Span:  SpanID(leg.ID),
		Start: startOf(leg.Start, record.Time, body.DurationSeconds),
		End:   record.Time,
		By:    body,
		Leg:   leg,
	}
	if leg.Call == "" {
		effect.Ended.Trace = TraceID(leg.ID)
		effect.Trace, effect.Span = effect.Ended.Trace, effect.Ended.Span
	} else {
		effect.Ended.Parent = SpanID(leg.Call)
	}
	return effect
}

// join puts the leg into the call, if it names one that the leg is not in.
func (t *Transaction) join(leg *Leg, call string, at time.Time) {
	if call == "" || call == leg.Call && !leg.InIVR {
		return
	}
	mergeText(&leg.Call, call)
	leg.Trace, _ = t.traceOf(call)
	leg.InIVR = false
	leg.add(Event{Kind: Joined, Time: at, Call: leg.Call})
}

func (t *Transaction) legEffect(leg *Leg) Effect {
	effect := Effect{Leg: leg}
	if leg.Call == "" {
		return effect
	}
	var trace pcommon.TraceID
	trace, effect.CallName = t.traceOf(leg.Call)
	if t.calls.get(leg.Call) != nil {
		leg.Trace = trace // the call may have become known after the leg joined
	}
	effect.Trace, effect.Span = leg.Trace, SpanID(leg.ID)
	return effect
}
