package correlate

import (
	"time"

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
	// Call or Leg is what the record is about, as it is after the record; both
	// are nil for recordings and streamings.
	Call *Call
	Leg  *Leg
	// Ended is set if the record ends it.
	Ended *Ended
}

// Ended is a call, leg, recording or streaming that is over: a span.
type Ended struct {
	Trace  pcommon.TraceID
	Span   pcommon.SpanID
	Parent pcommon.SpanID
	Start  time.Time
	End    time.Time
	// By is the body of the record that ended it.
	By cdr.Body
	// The one of these that ended.
	Call      *Call
	Leg       *Leg
	Recording *Recording
	Streaming *Streaming
}

// Apply stages what the record changes and says what it means.
func (t *Transaction) Apply(record *cdr.Record) Effect {
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
		return t.recordingStart(record, body)
	case *cdr.RecordingEnd:
		return t.recordingEnd(record, body)
	case *cdr.StreamingStart:
		return t.streamingStart(record, body)
	case *cdr.StreamingEnd:
		return t.streamingEnd(record, body)
	default:
		return Effect{}
	}
}

// startOf is the start of something that ended: its start record's time, else
// what its duration in seconds says, else the end itself.
func startOf(start, end time.Time, duration cdr.Optional[int64]) time.Time {
	switch {
	case !start.IsZero():
		return start
	case duration.Present && duration.Value < end.Unix(): // a start before 1970 is not believed
		return end.Add(-time.Duration(duration.Value) * time.Second)
	default:
		return end
	}
}
