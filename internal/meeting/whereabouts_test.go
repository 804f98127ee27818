package meeting

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// TestWhereabouts: a leg that ended is known for a while, and forgotten by
// number, not by time.
func TestWhereabouts(t *testing.T) {
	r := New()
	_, known := r.TraceOf("leg 0")
	require.False(t, known)
	r.LegIn("open", pcommon.TraceID{7})
	for n := range 2*remembered + 1 {
		r.LegEnded(fmt.Sprint("leg ", n), pcommon.TraceID{8})
	}
	trace, known := r.TraceOf(fmt.Sprint("leg ", 2*remembered))
	require.True(t, known)
	require.Equal(t, pcommon.TraceID{8}, trace)
	_, known = r.TraceOf(fmt.Sprint("leg ", remembered))
	require.False(t, known)
	trace, _ = r.TraceOf("open")
	require.Equal(t, pcommon.TraceID{7}, trace)
	require.Len(t, r.legs.traces, remembered+1)
}
