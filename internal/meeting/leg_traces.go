package meeting

import "go.opentelemetry.io/collector/pdata/pcommon"

// maxEndedLegs limits the ended legs whose traces are remembered. A trace is remembered
// long enough for a participant who is moved to another Call Bridge: the new leg starts
// shortly before or after the old one ends.
const maxEndedLegs = 1 << 14

// legTraces holds the traces of legs by GUID. The registry's lock guards it.
type legTraces struct {
	traces map[string]pcommon.TraceID
	// ended is a ring of ended legs; next is the position of the oldest once it is full.
	ended []string
	next  int
}

func newLegTraces() legTraces { return legTraces{traces: map[string]pcommon.TraceID{}} }

// SetLegTrace sets the trace that the leg is in. It keeps the string.
func (r *Registry) SetLegTrace(leg string, trace pcommon.TraceID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.legTraces.traces[leg] = trace
}

// LegEnded sets the trace in which the leg ended. The trace is remembered until
// maxEndedLegs further legs ended. It keeps the string.
func (r *Registry) LegEnded(leg string, trace pcommon.TraceID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := &r.legTraces
	l.traces[leg] = trace
	if len(l.ended) < maxEndedLegs {
		l.ended = append(l.ended, leg)
		return
	}
	delete(l.traces, l.ended[l.next])
	l.ended[l.next] = leg
	l.next = (l.next + 1) % maxEndedLegs
}

// LegTrace returns the trace that the leg is in, or was in when it ended, and whether
// there is one.
func (r *Registry) LegTrace(leg string) (trace pcommon.TraceID, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	trace, found = r.legTraces.traces[leg]
	return trace, found
}
