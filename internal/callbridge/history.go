package callbridge

import (
	"slices"
	"time"
)

// maxSessions bounds the sessions of a source, which senders choose. Each session
// saves a copy of them.
const maxSessions = 32

// History is how the sessions of one source follow each other. The zero value is
// a source of which no session is known.
type History struct {
	// sessions are in the order in which they were accepted.
	sessions []Session
	// shared is when two servers were last seen to share the source.
	shared time.Time
	// changes orders copies of the history.
	revision uint64
}

// Beginning is what the first good record of a session shows.
type SessionStart struct {
	Session string
	// Index and Time are the record's, and Received is the receiver's clock.
	Index          uint64
	Time, Received time.Time
	// Place is the session's seniority if it follows none: a number that grows
	// with every session of all sources.
	Seniority uint64
	// AddressOnly is set if nothing but an address names the source, which several
	// servers can have.
	AddressOnly bool
}

// Verdict is what a new session is to its source.
type Verdict struct {
	// Predecessor is the session that it follows, if any. What is open there is to
	// be closed: at once with CloseNow, otherwise when it is silent.
	Predecessor string
	CloseNow    bool
	// Late is set for the backlog of an older run.
	Late bool
	// Place is the session's seniority: that of its predecessor, if it has one.
	Seniority uint64
}

// Judge says what the session is, and changes nothing.
func (h *History) Judge(b SessionStart) Verdict {
	if known := h.find(b.Session); known != nil {
		return Verdict{Seniority: known.Seniority}
	}
	latest := h.latest("")
	if b.AddressOnly || latest == nil || h.Shared(b.Received) {
		return Verdict{Seniority: b.Seniority}
	}
	earlier := recordedAt(b.Time, b.Received).Before(latest.recordedAt())
	if earlier && b.Index > 0 {
		return Verdict{Late: true, Seniority: b.Seniority}
	}
	return Verdict{Predecessor: latest.ID, CloseNow: !earlier, Seniority: min(latest.Seniority, b.Seniority)}
}

// Accept remembers the session, replaces its predecessor, and returns what the
// session is as of now.
func (h *History) Accept(b SessionStart) Verdict {
	v := h.Judge(b)
	if b.AddressOnly || h.find(b.Session) != nil {
		return v
	}
	h.revision++
	accepted := Session{
		ID: b.Session, Follows: v.Predecessor, Seniority: v.Seniority,
		HighestIndex: b.Index, LatestTime: b.Time, LastReceived: b.Received, Replaced: v.Late,
	}
	h.makeRoom()
	latest := h.latest("")
	if v.Late || v.Predecessor != "" && !v.CloseNow {
		accepted.AliveAfter = latest.runBoundary(b.Received)
	}
	if v.Predecessor != "" {
		latest.replace(b.Time, b.Received)
	}
	h.sessions = append(h.sessions, accepted)
	return v
}

// Heard takes the highest index among the new records of a document, and the time
// that its record tells. It reports whether this shows two servers under one
// identity that did not share it, or no longer, before.
func (h *History) Observe(session string, index uint64, at, received time.Time) (shared bool) {
	s := h.find(session)
	if s == nil || index <= s.HighestIndex {
		return false
	}
	h.revision++
	before := s.LastReceived
	aliveAfter, resumed := s.observe(index, at, received)
	other := h.latest(session)
	switch {
	case s.Replaced || other == nil:
		return false
	case resumed:
		return h.resolveResumed(s, other, aliveAfter)
	case other.LastReceived.After(before):
		return h.noteShared(received)
	default:
		return false
	}
}

// goesOn settles what a session that was taken for replaced, and is not, means for
// the one that was taken for the latest.
func (h *History) resolveResumed(s, other *Session, aliveAfter time.Time) (shared bool) {
	switch {
	case other.Follows == s.ID && !other.AliveAfter.IsZero():
		other.Replaced = true // it is late
		return false
	case s.LastReceived.Sub(other.LastReceived) >= verdictLifetime,
		h.acceptedBefore(other, s) && !other.recordedAt().After(aliveAfter): // other is silent meanwhile
		s.Seniority = min(other.Seniority, s.Seniority)
		other.replace(s.LatestTime, s.LastReceived)
		return false
	default:
		return h.noteShared(s.LastReceived)
	}
}

// share notes that two servers took turns, and reports whether that is new.
func (h *History) noteShared(now time.Time) bool {
	isNew := !h.Shared(now)
	h.shared = now
	return isNew
}

// Shared reports whether two servers are taken to share the source.
func (h *History) Shared(now time.Time) bool {
	return !h.shared.IsZero() && now.Sub(h.shared) < verdictLifetime
}

// Replaced reports whether the session is over, as another follows it or as it is
// late. A session that is not known is not.
func (h *History) Replaced(session string) bool {
	s := h.find(session)
	return s != nil && s.Replaced
}

// Forget removes the session.
func (h *History) Forget(session string) {
	if s := h.find(session); s != nil {
		h.revision++
		h.sessions = slices.DeleteFunc(h.sessions, func(s Session) bool { return s.ID == session })
	}
}

// Empty reports whether no session is known.
func (h *History) Empty() bool { return len(h.sessions) == 0 }

// find returns the session, valid until one is accepted or forgotten, or nil.
func (h *History) find(session string) *Session {
	for i := range h.sessions {
		if h.sessions[i].ID == session {
			return &h.sessions[i]
		}
	}
	return nil
}

// latest returns the session that goes on and was heard of last, or nil. One
// session is left out.
func (h *History) latest(except string) (latest *Session) {
	for i := range h.sessions {
		s := &h.sessions[i]
		if s.ID != except && !s.Replaced && (latest == nil || s.LastReceived.After(latest.LastReceived)) {
			latest = s
		}
	}
	return latest
}

// before reports whether a was accepted before b.
func (h *History) acceptedBefore(a, b *Session) bool {
	for i := range h.sessions {
		switch h.sessions[i].ID {
		case a.ID:
			return true
		case b.ID:
			return false
		}
	}
	return false
}

// makeRoom removes the oldest replaced session where the bound is reached, or, if
// all go on, the one that was heard of longest ago.
func (h *History) makeRoom() {
	if len(h.sessions) < maxSessions {
		return
	}
	out := slices.IndexFunc(h.sessions, func(s Session) bool { return s.Replaced })
	if out < 0 {
		out = 0
		for i, s := range h.sessions {
			if s.LastReceived.Before(h.sessions[out].LastReceived) {
				out = i
			}
		}
	}
	h.sessions = slices.Delete(h.sessions, out, out+1)
}
