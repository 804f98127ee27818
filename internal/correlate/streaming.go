package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Streaming is an open streaming.
type Streaming struct {
	Common
	cdr.Streaming
	// Trace is that of its call; empty while that is not known.
	Trace pcommon.TraceID
}

func newStreaming(common Common) Thing { return &Streaming{Common: common} }

func (s *Streaming) copied() Thing {
	copied := *s
	return &copied
}

func (s *Streaming) in() string                   { return s.Call }
func (s *Streaming) trace() pcommon.TraceID       { return s.Trace }
func (s *Streaming) moveTo(trace pcommon.TraceID) { s.Trace = trace }

func (t *Transaction) streamingStart(record *cdr.Record, body *cdr.StreamingStart) Effect {
	of := t.aboutStreaming(record, &body.Streaming)
	of.begin(record)
	return t.effectOf(of)
}

func (t *Transaction) streamingEnd(record *cdr.Record, body *cdr.StreamingEnd) Effect {
	return t.captureEnd(t.aboutStreaming(record, &body.Streaming), record)
}

func (t *Transaction) aboutStreaming(record *cdr.Record, says *cdr.Streaming) *Streaming {
	thing, late := t.about(aStreaming, record, newStreaming)
	of := thing.(*Streaming)
	mergeText(&of.StreamerURI, says.StreamerURI, late)
	mergeText(&of.StreamURI, says.StreamURI, late)
	mergeText(&of.StreamName, says.StreamName, late)
	mergeText(&of.CallLeg, says.CallLeg, late)
	t.captures(of, &of.Call, says.Call, of.CallLeg, late)
	return of
}
