package meeting

import (
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// maxEndedLegs limits the ended legs whose traces are remembered. A trace is remembered
// long enough for a participant who is moved to another Call Bridge: the new leg starts
// shortly before or after the old one ends.
const maxEndedLegs = 1 << 14

// legTraces holds the traces of legs by GUID. The registry's lock guards it.
type legTraces struct {
	open  map[string]pcommon.TraceID
	ended *simplelru.LRU[string, pcommon.TraceID]
}

func newLegTraces() legTraces {
	ended, err := simplelru.NewLRU[string, pcommon.TraceID](maxEndedLegs, nil)
	if err != nil {
		panic(err) // only a size below 1 is refused
	}
	return legTraces{open: map[string]pcommon.TraceID{}, ended: ended}
}

// SetLegTrace sets the trace that the open leg is in. It keeps the string leg.
func (r *Registry) SetLegTrace(leg string, trace pcommon.TraceID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.legTraces.open[leg] = trace
}

// LegEnded sets the trace in which the leg ended. It keeps the string leg. The trace is
// remembered until maxEndedLegs further legs ended.
func (r *Registry) LegEnded(leg string, trace pcommon.TraceID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.legTraces.open, leg)
	r.legTraces.ended.Add(leg, trace)
}

// LegTrace returns the trace that the leg is in, or was in when it ended, and whether
// there is one.
func (r *Registry) LegTrace(leg string) (trace pcommon.TraceID, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if trace, found = r.legTraces.open[leg]; found {
		return trace, true
	}
	return r.legTraces.ended.Peek(leg)
}
