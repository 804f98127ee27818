package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Recording is an open recording.
type Recording struct {
	EntityFields
	cdr.Recording
	// Trace is the trace of the recording's call; empty while the call is not known.
	Trace pcommon.TraceID
}

// Streaming is an open streaming.
type Streaming struct {
	EntityFields
	cdr.Streaming
	// Trace is the trace of the streaming's call; empty while the call is not known.
	Trace pcommon.TraceID
}

// capture is a *Recording or a *Streaming.
type capture interface {
	Entity
	// merge adds what the record contains, except for the call, which it returns.
	merge(body cdr.Body, late bool) (call string)
	// target returns the call and the leg that are captured.
	target() (call *string, leg string)
}

func newRecording(common EntityFields) Entity { return &Recording{EntityFields: common} }
func newStreaming(common EntityFields) Entity { return &Streaming{EntityFields: common} }

func (r *Recording) clone() Entity {
	copied := *r
	return &copied
}

func (s *Streaming) clone() Entity {
	copied := *s
	return &copied
}

func (r *Recording) callID() string                     { return r.Call }
func (r *Recording) trace() pcommon.TraceID             { return r.Trace }
func (r *Recording) setTrace(trace pcommon.TraceID)     { r.Trace = trace }
func (r *Recording) target() (call *string, leg string) { return &r.Call, r.CallLeg }

func (s *Streaming) callID() string                     { return s.Call }
func (s *Streaming) trace() pcommon.TraceID             { return s.Trace }
func (s *Streaming) setTrace(trace pcommon.TraceID)     { s.Trace = trace }
func (s *Streaming) target() (call *string, leg string) { return &s.Call, s.CallLeg }

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
	captured := t.captureFor(kind, record, newEntity)
	captured.fields().setStart(record)
	return t.effectOf(captured)
}

// captureEnd closes a recording or streaming. Its end record has no duration.
func (t *Transaction) captureEnd(kind kind, record *cdr.Record, newEntity func(EntityFields) Entity) Effect {
	captured := t.captureFor(kind, record, newEntity)
	effect := t.effectOf(captured)
	if t.isOpen(captured) {
		t.closeByRecord(captured, record, cdr.Optional[int64]{})
	}
	return effect.withOwnTrace(captured)
}

// captureFor returns the entity of the record, in the call that the record names,
// else in the call of its leg if the leg is open.
func (t *Transaction) captureFor(kind kind, record *cdr.Record, newEntity func(EntityFields) Entity) capture {
	entity, late := t.entityFor(kind, record, newEntity)
	captured := entity.(capture)
	named := captured.merge(record.Body, late)
	if !t.isOpen(captured) {
		return captured
	}
	call, legID := captured.target()
	if leg, open := t.get(key{legKind, legID}).(*Leg); open && named == "" {
		named = leg.Call
	}
	if mergeText(call, named, late) {
		captured.setTrace(t.callTrace(*call))
		t.noteEntered(captured)
	}
	return captured
}
