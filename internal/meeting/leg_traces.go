package meeting

import "go.opentelemetry.io/collector/pdata/pcommon"

// remembered is how many legs that ended are still known: a participant who is
// moved to another Call Bridge has a leg there before or just after the old one
// ends.
const maxEndedLegs = 1 << 14

// whereabouts are the traces of legs, by the legs' GUIDs.
type legTraces struct {
	traces map[string]pcommon.TraceID
	// ended are legs that ended, a ring; next is where the next one goes, in the
	// place of the oldest.
	ended []string
	next  int
}

func newLegTraces() legTraces { return legTraces{traces: map[string]pcommon.TraceID{}} }

// LegIn notes the trace that the leg is in. The id is kept.
func (r *Registry) SetLegTrace(leg string, trace pcommon.TraceID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.legTraces.traces[leg] = trace
}

// LegEnded notes that the leg ended in that trace. It is known for a while.
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

// TraceOf is the trace that the leg is in, or was when it ended.
func (r *Registry) LegTrace(leg string) (pcommon.TraceID, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	trace, known := r.legTraces.traces[leg]
	return trace, known
}
