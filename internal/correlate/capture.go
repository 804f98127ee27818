package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Recording is a recording, open or closed.
type Recording struct {
	EntityFields
	cdr.Recording
	// Trace is the trace of the recording's call; empty while the call is not known.
	Trace pcommon.TraceID
}

// Streaming is a streaming, open or closed.
type Streaming struct {
	EntityFields
	cdr.Streaming
	// Trace is the trace of the streaming's call; empty while the call is not known.
	Trace pcommon.TraceID
}

// capture is a *Recording or a *Streaming.
type capture interface {
	Entity
	// merge sets the fields that the record contains, except for the call, which it
	// returns. A late record only sets absent fields.
	merge(body cdr.Body, late bool) (call string)
	// callAndLeg returns a pointer to the id of the captured call, so that it can be set,
	// and the id of the leg that captures it.
	callAndLeg() (callID *string, legID string)
}

func newRecording(fields EntityFields) Entity { return &Recording{EntityFields: fields} }
func newStreaming(fields EntityFields) Entity { return &Streaming{EntityFields: fields} }

func (r *Recording) clone() Entity {
	clone := *r
	return &clone
}

func (s *Streaming) clone() Entity {
	clone := *s
	return &clone
}

func (r *Recording) callID() string                             { return r.Call }
func (r *Recording) trace() pcommon.TraceID                     { return r.Trace }
func (r *Recording) setTrace(trace pcommon.TraceID)             { r.Trace = trace }
func (r *Recording) callAndLeg() (callID *string, legID string) { return &r.Call, r.CallLeg }

func (s *Streaming) callID() string                             { return s.Call }
func (s *Streaming) trace() pcommon.TraceID                     { return s.Trace }
func (s *Streaming) setTrace(trace pcommon.TraceID)             { s.Trace = trace }
func (s *Streaming) callAndLeg() (callID *string, legID string) { return &s.Call, s.CallLeg }

func (r *Recording) merge(body cdr.Body, late bool) (call string) {
	var from *cdr.Recording
	switch body := body.(type) {
	case *cdr.RecordingStart:
		from = &body.Recording
	case *cdr.RecordingEnd:
		from = &body.Recording
	}
	into, texts := RecordingTextFields(&r.Recording), RecordingTextFields(from)
	mergeTextFields(into[:], texts[:], &r.Call, late)
	return from.Call
}

func (s *Streaming) merge(body cdr.Body, late bool) (call string) {
	var from *cdr.Streaming
	switch body := body.(type) {
	case *cdr.StreamingStart:
		from = &body.Streaming
	case *cdr.StreamingEnd:
		from = &body.Streaming
	}
	into, texts := StreamingTextFields(&s.Streaming), StreamingTextFields(from)
	mergeTextFields(into[:], texts[:], &s.Call, late)
	return from.Call
}

func (t *Transaction) captureStart(kind kind, record *cdr.Record, newEntity func(EntityFields) Entity) Effect {
	entity := t.captureFor(kind, record, newEntity)
	entity.fields().setStart(record)
	return t.effectOf(entity)
}

// captureEnd closes a recording or streaming. Its end record has no duration.
func (t *Transaction) captureEnd(kind kind, record *cdr.Record, newEntity func(EntityFields) Entity) Effect {
	entity := t.captureFor(kind, record, newEntity)
	effect := t.effectOf(entity)
	if t.isOpen(entity) {
		t.closeByRecord(entity, record, cdr.Optional[int64]{})
	}
	return effect.withOwnTrace(entity)
}

// captureFor returns the recording or streaming of the record. The record moves it to the
// call that the record names, else to the call of its leg if the leg is open. A late record
// does not move one that is in a call, and a closed one does not move.
func (t *Transaction) captureFor(kind kind, record *cdr.Record, newEntity func(EntityFields) Entity) capture {
	entityOfRecord, late := t.entityFor(kind, record, newEntity)
	entity := entityOfRecord.(capture)
	callID := entity.merge(record.Body, late)
	if !t.isOpen(entity) {
		return entity
	}
	call, legID := entity.callAndLeg()
	if leg, open := t.get(key{legKind, legID}).(*Leg); open && callID == "" {
		callID = leg.Call
	}
	if mergeText(call, callID, late) {
		entity.setTrace(t.callTrace(*call))
		t.noteEntered(entity)
		t.resetGrace(entity)
	}
	return entity
}
