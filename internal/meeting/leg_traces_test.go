package meeting

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// TestLegTraces checks that the latest maxEndedLegs ended legs are remembered, and
// that ended legs do not displace an open one.
func TestLegTraces(t *testing.T) {
	r := New()
	_, found := r.LegTrace("leg 0")
	require.False(t, found)
	r.SetLegTrace("open", pcommon.TraceID{7})
	for n := range 2*maxEndedLegs + 1 {
		r.LegEnded(fmt.Sprint("leg ", n), pcommon.TraceID{8})
	}
	trace, found := r.LegTrace(fmt.Sprint("leg ", 2*maxEndedLegs))
	require.True(t, found)
	require.Equal(t, pcommon.TraceID{8}, trace)
	_, found = r.LegTrace(fmt.Sprint("leg ", maxEndedLegs))
	require.False(t, found)
	_, found = r.LegTrace(fmt.Sprint("leg ", maxEndedLegs+1))
	require.True(t, found, "one of the latest maxEndedLegs legs is forgotten")
	trace, _ = r.LegTrace("open")
	require.Equal(t, pcommon.TraceID{7}, trace)
	require.Len(t, r.legTraces.open, 1)
	require.Equal(t, maxEndedLegs, r.legTraces.ended.Len())
}

// TestLegEndedAgain checks that a leg that is opened again has its new trace, and that after
// its second end it is remembered until maxEndedLegs further legs ended.
func TestLegEndedAgain(t *testing.T) {
	r := New()
	r.LegEnded("again", pcommon.TraceID{7})
	for n := range maxEndedLegs / 2 {
		r.LegEnded(fmt.Sprint("leg ", n), pcommon.TraceID{8})
	}
	r.SetLegTrace("again", pcommon.TraceID{9})
	trace, _ := r.LegTrace("again")
	require.Equal(t, pcommon.TraceID{9}, trace)
	r.LegEnded("again", pcommon.TraceID{9})
	for n := range maxEndedLegs - 1 {
		r.LegEnded(fmt.Sprint("later leg ", n), pcommon.TraceID{8})
	}
	trace, found := r.LegTrace("again")
	require.True(t, found)
	require.Equal(t, pcommon.TraceID{9}, trace)
	r.LegEnded("last", pcommon.TraceID{8})
	_, found = r.LegTrace("again")
	require.False(t, found)
}
