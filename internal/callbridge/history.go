package callbridge

import (
	"slices"
	"time"
)

// maxSessions limits the sessions of a source, because clients choose their ids. Each
// session saves a copy of them.
const maxSessions = 32

// History is the order in which the sessions of one source replace each other. The
// zero value has no session. Its owner guards it.
type History struct {
	// sessions are in the order of acceptance.
	sessions []Session
	// shared is when two servers were last detected under this source.
	shared time.Time
	// revision orders copies of the history.
	revision uint64
}

// SessionStart is what the first well-formed record of a session shows.
type SessionStart struct {
	Session string
	// Index and Time are those of the record; Received is the receiver's time.
	Index          uint64
	Time, Received time.Time
	// Seniority is that of the session if it replaces none. It increases with every
	// session of all sources.
	Seniority uint64
	// AddressOnly is set if the source is known by its address alone, which several
	// servers can share.
	AddressOnly bool
}

// Verdict is the role of a new session in its source.
type Verdict struct {
	// Predecessor is the session that it replaces, if any. Its entities are to be
	// closed at once if CloseNow is set, otherwise when it is silent.
	Predecessor string
	CloseNow    bool
	// Late is set for the backlog of an older run.
	Late bool
	// Seniority is inherited from the predecessor, if there is one.
	Seniority uint64
}

// Judge returns the verdict on a session and changes nothing.
func (h *History) Judge(b SessionStart) Verdict {
	if existing := h.find(b.Session); existing != nil {
		return Verdict{Seniority: existing.Seniority}
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

// Accept adds the session, replaces its predecessor, and returns the current verdict.
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

// Observe takes the highest index among the new records of a document and the time of
// that record. It reports whether this shows two servers under one identity that were
// not known to share it.
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

// resolveResumed updates the history when a session resumes that was considered
// replaced: what does that mean for the latest session?
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

// noteShared records that two servers posted in turn, and reports whether that is
// new.
func (h *History) noteShared(now time.Time) bool {
	isNew := !h.Shared(now)
	h.shared = now
	return isNew
}

// Shared reports whether two servers share the source.
func (h *History) Shared(now time.Time) bool {
	return !h.shared.IsZero() && now.Sub(h.shared) < verdictLifetime
}

// Replaced reports whether the session is replaced or late. An unknown session is
// not.
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

// Empty reports whether the history has no session.
func (h *History) Empty() bool { return len(h.sessions) == 0 }

// find returns the session or nil. The pointer is valid until a session is accepted
// or forgotten.
func (h *History) find(session string) *Session {
	for i := range h.sessions {
		if h.sessions[i].ID == session {
			return &h.sessions[i]
		}
	}
	return nil
}

// latest returns the session that is not replaced and has the newest record by
// receipt, or nil. One session is left out.
func (h *History) latest(except string) (latest *Session) {
	for i := range h.sessions {
		s := &h.sessions[i]
		if s.ID != except && !s.Replaced && (latest == nil || s.LastReceived.After(latest.LastReceived)) {
			latest = s
		}
	}
	return latest
}

// acceptedBefore reports whether a was accepted before b.
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

// makeRoom removes the oldest replaced session at the limit, or, if none is replaced,
// the one without records for the longest time.
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
