package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Effect is what a record changes. Its entities are valid until the next record is
// applied or the transaction ends.
type Effect struct {
	// Trace and Span identify the span that the record belongs to. Both are empty
	// while the trace is not known.
	Trace pcommon.TraceID
	Span  pcommon.SpanID
	// CallID is the GUID of the call that the record's leg, recording or streaming is in, or
	// was in last; empty if there is none.
	CallID string
	// InCall is the call that the record's leg, recording or streaming is in, if the
	// call is open; else nil.
	InCall *Call
	// Call or Leg is the entity of a record about a call or leg, after the record was
	// applied. Both are nil for any other record.
	Call *Call
	Leg  *Leg
	// Ended lists the entities that the record closed, its own and others, and the
	// meetings that ended with them.
	Ended []EndedEntity
}

// Apply stages the changes of a record and returns its effect.
func (t *Transaction) Apply(record *cdr.Record) Effect {
	if record.CorrelatorIndex >= t.highestIndex {
		t.highestIndex, t.latestTime, t.latestReceived = record.CorrelatorIndex, timeOf(record), t.now
	}
	t.ended = t.ended[:0]
	effect := t.apply(record)
	effect.Ended = t.ended
	return effect
}

func (t *Transaction) apply(record *cdr.Record) Effect {
	switch body := record.Body.(type) {
	case *cdr.CallStart:
		return t.callStart(record, body)
	case *cdr.CallEnd:
		return t.callEnd(record, body)
	case *cdr.CallLegStart:
		return t.callLegStart(record, body)
	case *cdr.CallLegUpdate:
		return t.callLegUpdate(record, body)
	case *cdr.CallLegEnd:
		return t.callLegEnd(record, body)
	case *cdr.RecordingStart:
		return t.captureStart(recordingKind, record, newRecording)
	case *cdr.RecordingEnd:
		return t.captureEnd(recordingKind, record, newRecording)
	case *cdr.StreamingStart:
		return t.captureStart(streamingKind, record, newStreaming)
	case *cdr.StreamingEnd:
		return t.captureEnd(streamingKind, record, newStreaming)
	default:
		return Effect{}
	}
}

// effectOf returns the effect of a record about the entity.
func (t *Transaction) effectOf(entity Entity) Effect {
	var effect Effect
	effect.Trace, effect.Span = spanOf(entity)
	if effect.CallID = entity.callID(); effect.CallID != "" {
		if call, open := t.get(key{callKind, effect.CallID}).(*Call); open {
			effect.InCall = call
		}
	}
	return effect
}

// withOwnTrace returns the effect of an end record. An entity that was in no call gets
// a trace of its own.
func (e Effect) withOwnTrace(entity Entity) Effect {
	if e.Trace.IsEmpty() {
		e.Trace, e.Span = TraceID(entity.fields().ID), SpanID(entity.fields().ID)
	}
	return e
}
