package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Effect is what a record means. What it points to is valid until the next
// record is applied or the transaction ends.
type Effect struct {
	// Trace and Span are those the record belongs to; both are empty where the
	// trace is not known yet.
	Trace pcommon.TraceID
	Span  pcommon.SpanID
	// CallName is the name of the call that the record is about, where known.
	CallName string
	// In is the call that the leg, recording or streaming of the record is in; nil
	// where it is in none, or in one that is not open.
	InCall *Call
	// Call or Leg is what the record is about, as it is after the record; both
	// are nil for recordings and streamings.
	Call *Call
	Leg  *Leg
	// Ended is what the record ended, its own entity or others.
	Ended []EndedEntity
}

// Apply stages what the record changes and says what it means.
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

// effectOf is what a record about the entity means: which span it belongs to.
func (t *Transaction) effectOf(entity Entity) Effect {
	var effect Effect
	effect.Trace, effect.Span = spanOf(entity)
	if id := entity.callID(); id != "" {
		if in, open := t.get(key{callKind, id}).(*Call); open {
			effect.CallName, effect.InCall = in.Name, in
		}
	}
	return effect
}

// atEnd is the effect of the end record: an entity that was in no call has a trace
// of its own.
func (e Effect) withOwnTrace(entity Entity) Effect {
	if e.Trace.IsEmpty() {
		e.Trace, e.Span = TraceID(entity.fields().ID), SpanID(entity.fields().ID)
	}
	return e
}
