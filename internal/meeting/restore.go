package meeting

import "go.opentelemetry.io/collector/pdata/pcommon"

// Membership is what is kept of a call's membership over a restart of the
// receiver: the trace is the meeting's.
type Membership struct {
	Joining
	// Borrowed: the trace is another call's, so the meeting was shared.
	Borrowed bool
}

// Restore puts back the calls that are in meetings, and what calls that left them
// before knew of them. A meeting that nobody is in any more is over.
func (r *Registry) Restore(present []Membership, left []Departure) {
	r.mu.Lock()
	defer r.mu.Unlock()
	type identity struct {
		correlator string
		trace      pcommon.TraceID
	}
	meetings := map[identity]*meeting{}
	for _, m := range present {
		of := meetings[identity{m.Correlator, m.Trace}]
		if of == nil {
			of = &meeting{correlator: m.Correlator, trace: m.Trace, start: m.Start, present: map[Call]string{}}
			meetings[identity{m.Correlator, m.Trace}] = of
		}
		of.shared = of.shared || m.Borrowed || len(of.present) > 0
		of.start = min(of.start, m.Start)
		of.present[m.Call] = m.Source
		r.calls[m.Call] = &member{of: of}
		// Of two meetings of one correlator, which a crash between the end of one
		// and the other's start can leave, calls can join the younger.
		if other := r.open[m.Correlator]; other == nil || other.start < of.start {
			r.open[m.Correlator] = of
		}
	}
	for _, d := range left {
		if of := meetings[identity{d.Correlator, d.Trace}]; of != nil {
			of.shared = true
			of.start, of.end = min(of.start, d.Start), max(of.end, d.End)
		}
	}
}
