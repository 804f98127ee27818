package correlate

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Call is a call, open or closed, as the records received so far describe it.
type Call struct {
	EntityFields
	cdr.Call
	// Trace is the trace of the call's meeting, which is that of the meeting's first
	// call.
	Trace pcommon.TraceID
	// Discoverable is set if other calls can find the meeting by the call's correlator
	// or coSpace.
	Discoverable bool
	// MeetingKey is the correlator of the meeting's first call, or its coSpace if it
	// has no correlator; empty if Discoverable is not set.
	MeetingKey string
	// PreviousParent is the parent span that the call had when it was closed, before
	// a later record opened it again.
	PreviousParent pcommon.SpanID
	// firstIndex is the index of the first record about the call, which is its start record;
	// after Restore it is LastIndex. Unlike LastIndex, it does not change when an entity leaves.
	firstIndex uint64
}

func newCall(fields EntityFields) Entity {
	return &Call{EntityFields: fields, Trace: TraceID(fields.ID)}
}

func (c *Call) clone() Entity {
	clone := *c
	return &clone
}

func (c *Call) callID() string             { return "" }
func (c *Call) trace() pcommon.TraceID     { return c.Trace }
func (c *Call) setTrace(t pcommon.TraceID) { c.Trace = t }

// merge sets the fields that the record contains. A late record only sets absent
// fields.
func (c *Call) merge(from *cdr.Call, late bool) {
	into, texts := CallTextFields(&c.Call), CallTextFields(from)
	mergeTextFields(into[:], texts[:], nil, late)
	mergeOptional(&c.CoSpaceMetaDataConfigured, from.CoSpaceMetaDataConfigured, late)
}

// callStart opens a call and adds it to its meeting. A coSpace has one call at a time
// on a Call Bridge, so an older call in the coSpace is closed. The call of the record can
// itself be the older one, if its records arrive after those of the newer call. Then the
// coSpace's alias continues to refer to the newer call, and the older call gets a meeting
// of its own and a grace period for its end record.
func (t *Transaction) callStart(record *cdr.Record, body *cdr.CallStart) Effect {
	entity, late := t.entityFor(callKind, record, newCall)
	call := entity.(*Call)
	if call.Start == 0 {
		call.firstIndex = record.CorrelatorIndex
	}
	call.setStart(record)
	call.merge(&body.Call, late)
	if t.isOpen(call) {
		other := t.otherCallInCoSpace(call)
		if other != nil && other.firstIndex > call.firstIndex {
			t.startGrace(call)
			t.joinMeeting(call, meeting.JoinRequest{})
		} else {
			if other != nil {
				t.closeIncomplete(other, Superseded)
			}
			t.setAliases(call)
			t.joinMeeting(call, meeting.JoinRequest{Correlator: call.Correlator, CoSpace: call.CoSpace})
		}
	}
	return t.callEffect(call)
}

// otherCallInCoSpace returns another open call of the call's coSpace, or nil.
func (t *Transaction) otherCallInCoSpace(call *Call) *Call {
	if call.CoSpace == "" {
		return nil
	}
	other, open := t.get(key{callKind, t.lookupAlias(alias{coSpaceAlias, call.CoSpace})}).(*Call)
	if !open || other.ID == call.ID {
		return nil
	}
	return other
}

// joinMeeting adds the call to the meeting with the correlator or the coSpace in the
// request, or to a new one. The call and the entities in it move to the meeting's trace.
func (t *Transaction) joinMeeting(call *Call, request meeting.JoinRequest) {
	if call.Discoverable {
		return
	}
	call.Discoverable = request.Correlator != "" || request.CoSpace != ""
	request.ID, request.Trace, request.Start = call.ID, call.Trace, call.Start
	joined := t.meetings.Join(request)
	call.MeetingKey = joined.Key
	if joined.Trace == call.Trace {
		return
	}
	call.Trace = joined.Trace
	for k := range t.entitiesIn(call.ID) {
		t.edit(k).setTrace(call.Trace)
	}
}

func (t *Transaction) callEnd(record *cdr.Record, body *cdr.CallEnd) Effect {
	entity, late := t.entityFor(callKind, record, newCall)
	call := entity.(*Call)
	call.merge(&body.Call, late)
	if t.isOpen(call) {
		t.closeByRecord(call, record, body.DurationSeconds)
	}
	return t.callEffect(call)
}

func (t *Transaction) callEffect(call *Call) Effect {
	effect := t.effectOf(call)
	effect.Call = call
	return effect
}

// stableCallID returns the call's GUID in a string that does not keep the body of the
// document in memory.
func (t *Transaction) stableCallID(callID string) string {
	if open := t.get(key{callKind, callID}); open != nil {
		return open.fields().ID
	}
	return strings.Clone(bounded(callID))
}

// callTrace returns the trace of the call. If the call is neither open nor remembered,
// it returns the trace that the call starts if it is the first of its meeting. If it joins
// another meeting, joinMeeting moves the entities in it.
func (t *Transaction) callTrace(callID string) pcommon.TraceID {
	if trace, found := t.lastTrace(key{callKind, callID}); found {
		return trace
	}
	return TraceID(callID)
}
