package correlate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIDs(t *testing.T) {
	const guid = "46d49cb4-8171-4abc-97f5-b88035b1da0a"
	require.Equal(t, "46d49cb481714abc97f5b88035b1da0a", TraceID(guid).String())
	require.Equal(t, "97f5b88035b1da0a", SpanID(guid).String())

	// What is no GUID, or would give an id of zeros, is hashed: never empty, the
	// same for the same id, another for another.
	seen := map[string]string{}
	for _, id := range []string{
		"", "x", "00000000-0000-0000-0000-000000000000", "46d49cb4-8171-4abc-97f5-b88035b1da0g",
		"46d49cb481714abc97f5b88035b1da0a", guid + "0",
	} {
		trace, span := TraceID(id), SpanID(id)
		require.False(t, trace.IsEmpty(), "%q", id)
		require.False(t, span.IsEmpty(), "%q", id)
		require.Equal(t, trace, TraceID(id))
		require.NotEqual(t, trace.String()[:16], span.String(), "%q: the trace says nothing of the span", id)
		require.NotContains(t, seen, trace.String())
		seen[trace.String()] = id
	}
	halfZero := "46d49cb4-8171-4abc-0000-000000000000"
	require.False(t, SpanID(halfZero).IsEmpty())
	require.Equal(t, "46d49cb481714abc0000000000000000", TraceID(halfZero).String())
}
