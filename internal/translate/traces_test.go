package translate

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// TestSkippedSpans checks that a span for which skip returns true is left out and noted, and
// that a span of an entity that was closed early has a key of its own.
func TestSkippedSpans(t *testing.T) {
	early := SpanKey{Span: pcommon.SpanID{1}, Incomplete: correlate.Restarted}
	late := SpanKey{Span: pcommon.SpanID{1}}
	traces := NewTraces(Scope("1.2.3"), pcommon.NewResource(), "s", func(key SpanKey) bool { return key == early })
	var ended []correlate.EndedEntity
	for _, key := range []SpanKey{early, late} {
		ended = append(ended, correlate.EndedEntity{Span: key.Span, Incomplete: key.Incomplete, Entity: &correlate.Call{}})
	}
	traces.Add(ended)
	require.Equal(t, 1, traces.Len())
	require.Equal(t, []SpanKey{early}, traces.Skipped())
	for payload := range traces.Payloads(false) {
		require.Equal(t, []SpanKey{late}, payload.Spans)
	}
}

// TestDroppedEvents checks that the span of a leg has the number of its dropped events.
func TestDroppedEvents(t *testing.T) {
	traces := NewTraces(Scope("1.2.3"), pcommon.NewResource(), "s", func(SpanKey) bool { return false })
	traces.Add([]correlate.EndedEntity{{Entity: &correlate.Leg{DroppedEvents: 3}}})
	require.EqualValues(t, 3, traces.spans.At(0).DroppedEventsCount())
}
