package meeting

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// TestLegTraces checks that ended legs are forgotten by number, not by time.
func TestLegTraces(t *testing.T) {
	r := New()
	_, known := r.LegTrace("leg 0")
	require.False(t, known)
	r.SetLegTrace("open", pcommon.TraceID{7})
	for n := range 2*maxEndedLegs + 1 {
		r.LegEnded(fmt.Sprint("leg ", n), pcommon.TraceID{8})
	}
	trace, known := r.LegTrace(fmt.Sprint("leg ", 2*maxEndedLegs))
	require.True(t, known)
	require.Equal(t, pcommon.TraceID{8}, trace)
	_, known = r.LegTrace(fmt.Sprint("leg ", maxEndedLegs))
	require.False(t, known)
	trace, _ = r.LegTrace("open")
	require.Equal(t, pcommon.TraceID{7}, trace)
	require.Len(t, r.legTraces.traces, maxEndedLegs+1)
}
