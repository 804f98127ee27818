package meeting

import (
	"cmp"
	"slices"
	"strings"
)

// Membership is what is kept of a call's membership over a restart of the
// receiver: the trace is the meeting's.
type Membership struct {
	Joining
	Session, Source string
	// Key is the meeting's.
	Key string
	// Borrowed: the trace is another call's, so the meeting was shared.
	Borrowed bool
}

// Restore puts back the calls that are in meetings, and what calls that left them
// before knew of them, and returns where the meetings are counted: at the call
// that began first. A meeting in which no call is any more has ended.
func (r *Registry) Restore(present []Membership, left []Departure) (counts []Count) {
	slices.SortFunc(present, func(a, b Membership) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), strings.Compare(a.Session, b.Session), strings.Compare(a.ID, b.ID))
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range present {
		of := r.byTrace[one.Trace]
		if of == nil {
			of = r.newMeeting(one.Key, one.Trace)
			of.counted = true
		}
		of.shared = of.shared || one.Borrowed
		r.open.add(of, namesOf(one.Joining), one.Source, nil)
		call := Call{Session: one.Session, ID: one.ID}
		counts = append(counts, r.arrive(&member{call: call, of: of, source: one.Source, start: one.Start})...)
	}
	for _, d := range left {
		if of := r.byTrace[d.Trace]; of != nil {
			of.shared, of.told = true, of.told || d.Last
			of.start, of.end = earlier(of.start, d.Start), max(of.end, d.End)
		}
	}
	return counts
}
