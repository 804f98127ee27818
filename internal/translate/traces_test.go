package translate

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// TestSkippedSpans checks that a span for which skip returns true is left out and noted, and
// that the incomplete span of an entity has another key than its complete span.
func TestSkippedSpans(t *testing.T) {
	incomplete := SpanKey{Span: pcommon.SpanID{1}, Incomplete: correlate.Restarted}
	complete := SpanKey{Span: pcommon.SpanID{1}}
	traces := NewTraces(Scope("1.2.3"), pcommon.NewResource(), "s", func(key SpanKey) bool { return key == incomplete })
	var ended []correlate.EndedEntity
	for _, key := range []SpanKey{incomplete, complete} {
		ended = append(ended, correlate.EndedEntity{Span: key.Span, Incomplete: key.Incomplete, Entity: &correlate.Call{}})
	}
	traces.Add(ended)
	require.Equal(t, 1, traces.Len())
	require.Equal(t, []SpanKey{incomplete}, traces.Skipped())
	for payload := range traces.Payloads(false) {
		require.Equal(t, []SpanKey{complete}, payload.Spans)
	}
}

// TestDroppedEvents checks that the span of a leg has the number of its dropped events.
func TestDroppedEvents(t *testing.T) {
	traces := NewTraces(Scope("1.2.3"), pcommon.NewResource(), "s", func(SpanKey) bool { return false })
	traces.Add([]correlate.EndedEntity{{Entity: &correlate.Leg{DroppedEvents: 3}}})
	require.EqualValues(t, 3, traces.spans.At(0).DroppedEventsCount())
}
