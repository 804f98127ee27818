package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Recording is an open recording.
type Recording struct {
	Common
	cdr.Recording
	// Trace is that of its call; empty while that is not known.
	Trace pcommon.TraceID
}

func newRecording(common Common) Thing { return &Recording{Common: common} }

func (r *Recording) copied() Thing {
	copied := *r
	return &copied
}

func (r *Recording) in() string                   { return r.Call }
func (r *Recording) trace() pcommon.TraceID       { return r.Trace }
func (r *Recording) moveTo(trace pcommon.TraceID) { r.Trace = trace }

func (t *Transaction) recordingStart(record *cdr.Record, body *cdr.RecordingStart) Effect {
	of := t.aboutRecording(record, &body.Recording)
	of.begin(record)
	return t.effectOf(of)
}

func (t *Transaction) recordingEnd(record *cdr.Record, body *cdr.RecordingEnd) Effect {
	return t.captureEnd(t.aboutRecording(record, &body.Recording), record)
}

func (t *Transaction) aboutRecording(record *cdr.Record, says *cdr.Recording) *Recording {
	thing, late := t.about(aRecording, record, newRecording)
	of := thing.(*Recording)
	mergeText(&of.Path, says.Path, late)
	mergeText(&of.RecorderURI, says.RecorderURI, late)
	mergeText(&of.CallLeg, says.CallLeg, late)
	t.captures(of, &of.Call, says.Call, of.CallLeg, late)
	return of
}
