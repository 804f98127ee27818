package meeting

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
	for _, m := range present {
		of := r.known[identity{m.Correlator, m.Trace}]
		if of == nil {
			of = newMeeting(m.Joining)
		}
		of.shared = of.shared || m.Borrowed || len(of.present) > 0
		of.start = min(of.start, m.Start)
		r.enter(m.Call, m.Source, of)
		// Of two meetings of one correlator, which a crash between the end of one
		// and the other's start can leave, calls can join the younger.
		if other := r.open[m.Correlator]; other == nil || other.start < of.start {
			r.open[m.Correlator] = of
		}
	}
	for _, d := range left {
		if of := r.known[identity{d.Correlator, d.Trace}]; of != nil {
			of.shared, of.told = true, of.told || d.Last
			of.start, of.end = min(of.start, d.Start), max(of.end, d.End)
		}
	}
}
