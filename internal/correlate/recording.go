package correlate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Recording is an open recording. Start is zero if no recordingStart came.
type Recording struct {
	cdr.Recording
	ID    string
	Start time.Time
	Extra Extra
}

func newRecording(id string) *Recording { return &Recording{ID: id} }

func (r *Recording) merge(from *cdr.Recording) {
	mergeText(&r.Path, from.Path)
	mergeText(&r.RecorderURI, from.RecorderURI)
	mergeText(&r.Call, from.Call)
	mergeText(&r.CallLeg, from.CallLeg)
}

func (t *Transaction) recordingStart(record *cdr.Record, body *cdr.RecordingStart) Effect {
	recording := t.editRecording(record, &body.Recording)
	if recording.Start.IsZero() {
		recording.Start = record.Time
	}
	return t.recordingEffect(recording)
}

func (t *Transaction) recordingEnd(record *cdr.Record, body *cdr.RecordingEnd) Effect {
	recording := t.editRecording(record, &body.Recording)
	t.recordings.remove(record.ID)
	effect := t.recordingEffect(recording)
	effect.Ended = t.ended(record, recording.ID, recording.Call, recording.Start)
	effect.Ended.Recording = recording
	effect.Trace, effect.Span = effect.Ended.Trace, effect.Ended.Span
	return effect
}

func (t *Transaction) editRecording(record *cdr.Record, says *cdr.Recording) *Recording {
	recording := t.recordings.edit(record.ID, newRecording)
	recording.merge(says)
	recording.Extra = recording.Extra.with(record)
	return recording
}

func (t *Transaction) recordingEffect(recording *Recording) Effect {
	effect := Effect{}
	effect.Trace, effect.Span, effect.CallName = t.place(recording.ID, recording.Call)
	return effect
}

// place is the trace and the span of something in a call, and the call's name;
// all are empty if the call is not known.
func (t *Transaction) place(id, call string) (pcommon.TraceID, pcommon.SpanID, string) {
	if call == "" {
		return pcommon.TraceID{}, pcommon.SpanID{}, ""
	}
	trace, name := t.traceOf(call)
	return trace, SpanID(id), name
}

// ended is the span of something in a call; without one it is a trace of its own.
func (t *Transaction) ended(by *cdr.Record, id, call string, start time.Time) *Ended {
	ended := &Ended{
		Trace: TraceID(id),
		Span:  SpanID(id),
		Start: startOf(start, by.Time, cdr.Optional[int64]{}),
		End:   by.Time,
		By:    by.Body,
	}
	if call != "" {
		ended.Trace, _ = t.traceOf(call)
		ended.Parent = SpanID(call)
	}
	return ended
}
