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
	of := t.aboutRecording(record, &body.Recording)
	effect := t.effectOf(of)
	if t.isOpen(of) {
		t.finish(of, record, cdr.Optional[int64]{})
	}
	return effect.atEnd(of)
}

func (t *Transaction) aboutRecording(record *cdr.Record, says *cdr.Recording) *Recording {
	thing, late := t.about(aRecording, record, newRecording)
	of := thing.(*Recording)
	mergeText(&of.Path, says.Path, late)
	mergeText(&of.RecorderURI, says.RecorderURI, late)
	mergeText(&of.CallLeg, says.CallLeg, late)
	if t.isOpen(of) {
		if mergeText(&of.Call, t.captured(says.Call, of.CallLeg), late) {
			of.Trace = t.traceOf(of.Call)
			t.enters(of)
		}
	}
	return of
}

// captured is the call that a recording or streaming is of: the one it names,
// else that of its leg, if the leg is known.
func (t *Transaction) captured(named, leg string) string {
	if by, open := t.get(key{aLeg, leg}).(*Leg); open && named == "" {
		return by.Call
	}
	return named
}
