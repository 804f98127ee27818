package meeting

import (
	"cmp"
	"slices"
	"strings"
)

// Membership is the membership of a restored call, built from what was saved of the call and its
// session. Trace is that of the meeting.
type Membership struct {
	JoinRequest
	Session, Source string
	// Key is that of the meeting.
	Key string
	// Progress is that of the session.
	Progress *Progress
	// TraceShared is set if the trace is that of another call. The meeting then counts as
	// shared, although that call may only have been reserved in it.
	TraceShared bool
}

// Restore restores the present calls of meetings and the departures of calls that left
// them. It returns one count change for each meeting: the meeting is counted as active at
// the source of the present call that began first, and its start is not counted again.
// Departures from meetings without present calls are ignored, because those meetings
// ended. Restore sorts present in place.
func (r *Registry) Restore(present []Membership, departures []Departure) (counts []CountChange) {
	slices.SortFunc(present, func(a, b Membership) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), strings.Compare(a.Session, b.Session), strings.Compare(a.ID, b.ID))
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, membership := range present {
		meeting := r.byTrace[membership.Trace]
		if meeting == nil {
			meeting = r.newMeeting(membership.Key, membership.Trace)
			meeting.startCounted = true
		}
		meeting.shared = meeting.shared || membership.TraceShared
		r.byJoinID.add(meeting, joinIDsOf(membership.JoinRequest), membership.Source, nil)
		call := Call{Session: membership.Session, ID: membership.ID}
		counts = append(counts, r.commitJoin(&member{call: call, meeting: meeting, source: membership.Source, start: membership.Start, progress: membership.Progress})...)
	}
	for _, d := range departures {
		if meeting := r.byTrace[d.Trace]; meeting != nil {
			meeting.shared, meeting.spanCommitted = true, meeting.spanCommitted || d.EndsMeeting
			meeting.start, meeting.end = Earlier(meeting.start, d.Start), max(meeting.end, d.End)
		}
	}
	return counts
}
