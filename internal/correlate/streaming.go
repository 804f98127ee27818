package correlate

import (
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Streaming is an open streaming. Start is zero if no streamingStart came.
type Streaming struct {
	cdr.Streaming
	ID    string
	Start time.Time
	Extra Extra
}

func newStreaming(id string) *Streaming { return &Streaming{ID: id} }

func (s *Streaming) merge(from *cdr.Streaming) {
	mergeText(&s.StreamerURI, from.StreamerURI)
	mergeText(&s.StreamURI, from.StreamURI)
	mergeText(&s.StreamName, from.StreamName)
	mergeText(&s.Call, from.Call)
	mergeText(&s.CallLeg, from.CallLeg)
}

func (t *Transaction) streamingStart(record *cdr.Record, body *cdr.StreamingStart) Effect {
	streaming := t.editStreaming(record, &body.Streaming)
	if streaming.Start.IsZero() {
		streaming.Start = record.Time
	}
	return t.streamingEffect(streaming)
}

func (t *Transaction) streamingEnd(record *cdr.Record, body *cdr.StreamingEnd) Effect {
	streaming := t.editStreaming(record, &body.Streaming)
	t.streamings.remove(record.ID)
	effect := t.streamingEffect(streaming)
	effect.Ended = t.ended(record, streaming.ID, streaming.Call, streaming.Start)
	effect.Ended.Streaming = streaming
	effect.Trace, effect.Span = effect.Ended.Trace, effect.Ended.Span
	return effect
}

func (t *Transaction) editStreaming(record *cdr.Record, says *cdr.Streaming) *Streaming {
	streaming := t.streamings.edit(record.ID, newStreaming)
	streaming.merge(says)
	streaming.Extra = streaming.Extra.with(record)
	return streaming
}

func (t *Transaction) streamingEffect(streaming *Streaming) Effect {
	effect := Effect{}
	effect.Trace, effect.Span, effect.CallName = t.place(streaming.ID, streaming.Call)
	return effect
}
