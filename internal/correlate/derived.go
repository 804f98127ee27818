package correlate

import (
	"slices"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// replace keeps what is derived from what is open in step with it.
func (s *Session) replace(k key, after Thing) {
	before := s.open[k]
	if before != nil && (after == nil || after.in() != before.in()) {
		delete(s.within[before.in()], k)
		if len(s.within[before.in()]) == 0 {
			delete(s.within, before.in())
		}
	}
	if before != nil {
		s.unname(before, after)
		s.bytes -= bytesOf(before)
	}
	if after == nil {
		delete(s.open, k)
		if k.kind == aCall {
			s.meetings.Forget(meeting.Call{Session: s.id, ID: k.id})
		}
		return
	}
	s.open[k] = after
	s.bytes += bytesOf(after)
	if id := after.in(); id != "" && (before == nil || before.in() != id) {
		if s.within[id] == nil {
			s.within[id] = map[key]struct{}{}
		}
		s.within[id][k] = struct{}{}
	}
	s.tell(k, after)
}

// tell lets the other sessions know what was accepted.
func (s *Session) tell(k key, after Thing) {
	switch k.kind {
	case aCall:
		s.meetings.Confirm(meeting.Call{Session: s.id, ID: k.id})
	case aLeg:
		if trace := after.trace(); !trace.IsEmpty() {
			s.meetings.LegIn(k.id, trace)
		}
	}
}

// unname takes back the names that a thing no longer has.
func (s *Session) unname(before, after Thing) {
	for as := range before.aliases {
		if s.named[as] == keyOf(before).id && !hasName(after, as) {
			delete(s.named, as)
		}
	}
}

// maxLeft bounds the meetings that calls of a session left and that go on.
const maxLeft = 1024

// leave remembers meetings that go on without the session's calls, or that some
// have left whose ends are not accepted yet, and forgets those that are over.
func (s *Session) leave(left []meeting.Departure) {
	s.left = append(s.left, left...)
	s.left = slices.DeleteFunc(s.left, func(d meeting.Departure) bool { return !s.meetings.Matters(d.Correlator, d.Trace) })
	if more := len(s.left) - maxLeft; more > 0 {
		s.left = slices.Delete(s.left, 0, more)
	}
}
