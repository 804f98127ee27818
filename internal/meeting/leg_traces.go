package meeting

import "go.opentelemetry.io/collector/pdata/pcommon"

// maxEndedLegs limits the ended legs whose traces are known. A participant who is
// moved to another Call Bridge gets a leg there shortly before or after the old one
// ends.
const maxEndedLegs = 1 << 14

// legTraces has the traces of legs, by GUID.
type legTraces struct {
	traces map[string]pcommon.TraceID
	// ended is a ring of ended legs; next is the index of the oldest once it is full.
	ended []string
	next  int
}

func newLegTraces() legTraces { return legTraces{traces: map[string]pcommon.TraceID{}} }

// SetLegTrace sets the trace that the leg is in. It keeps the id.
func (r *Registry) SetLegTrace(leg string, trace pcommon.TraceID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.legTraces.traces[leg] = trace
}

// LegEnded sets the trace in which the leg ended. It is kept for maxEndedLegs further
// legs.
func (r *Registry) LegEnded(leg string, trace pcommon.TraceID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := &r.legTraces
	w.traces[leg] = trace
	if len(w.ended) < maxEndedLegs {
		w.ended = append(w.ended, leg)
		return
	}
	delete(w.traces, w.ended[w.next])
	w.ended[w.next] = leg
	w.next = (w.next + 1) % maxEndedLegs
}

// LegTrace returns the trace that the leg is in, or was in when it ended.
func (r *Registry) LegTrace(leg string) (pcommon.TraceID, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	trace, known := r.legTraces.traces[leg]
	return trace, known
}
