package correlate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestIDs checks the ids from GUIDs and from other ids.
func TestIDs(t *testing.T) {
	const guid = "46d49cb4-8171-4abc-97f5-b88035b1da0a"
	require.Equal(t, "46d49cb481714abc97f5b88035b1da0a", TraceID(guid).String())
	require.Equal(t, "97f5b88035b1da0a", SpanID(guid).String())

	// If an id is no GUID, or its bytes are zero, it is hashed. The result is not empty,
	// and differs between ids.
	idByTrace, idBySpan := map[string]string{}, map[string]string{}
	for _, id := range []string{
		"", "x", "00000000-0000-0000-0000-000000000000", "46d49cb4-8171-4abc-97f5-b88035b1da0g",
		"46d49cb481714abc97f5b88035b1da0a", guid + "0",
	} {
		trace, span := TraceID(id), SpanID(id)
		require.False(t, trace.IsEmpty(), "%q", id)
		require.False(t, span.IsEmpty(), "%q", id)
		require.Equal(t, trace, TraceID(id))
		require.NotEqual(t, trace.String()[:16], span.String(), "%q: the span id is a part of the trace id", id)
		require.NotContains(t, idByTrace, trace.String())
		require.NotContains(t, idBySpan, span.String())
		idByTrace[trace.String()], idBySpan[span.String()] = id, id
	}
	const halfZero = "46d49cb4-8171-4abc-0000-000000000000"
	require.False(t, SpanID(halfZero).IsEmpty())
	require.Equal(t, "46d49cb481714abc0000000000000000", TraceID(halfZero).String())
}
