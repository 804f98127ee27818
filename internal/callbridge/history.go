package callbridge

import (
	"slices"
	"time"
)

// maxSessions limits the sessions of a history, because clients choose their ids, and
// each session saves a copy of the whole history.
const maxSessions = 32

// History is the order in which the sessions of one source replace each other. The
// zero value has no session. Its owner guards it.
type History struct {
	// sessions are in the order of acceptance.
	sessions []Session
	// sharedAt is when two servers were last detected under this source; zero if never.
	sharedAt time.Time
	// revision is the number of changes. It orders copies of the history.
	revision uint64
}

// SessionStart describes a session when its first readable record is received.
type SessionStart struct {
	Session string
	// Index and Time are those of the record. Received is when the receiver received it.
	Index          uint64
	Time, Received time.Time
	// Seniority is the seniority that the session has if it replaces none. Each new session
	// of any source gets a higher number.
	Seniority uint64
	// AddressOnly is set if the source is identified by its address alone, which several
	// servers can share.
	AddressOnly bool
}

// Verdict is the role of a new session in its source.
type Verdict struct {
	// Predecessor is the session that it replaces; empty if it replaces none. The
	// predecessor's entities are to be closed at once if CloseNow is set, otherwise
	// when it is silent.
	Predecessor string
	CloseNow    bool
	// Late is set for the backlog of an older run.
	Late bool
	// Seniority is inherited from the predecessor, if there is one that is more senior.
	Seniority uint64
}

// Judge returns the verdict on a session and changes nothing. A session that was
// already accepted replaces none.
func (h *History) Judge(start SessionStart) Verdict {
	if existing := h.find(start.Session); existing != nil {
		return Verdict{Seniority: existing.Seniority}
	}
	latest := h.latest("")
	if start.AddressOnly || latest == nil || h.Shared(start.Received) {
		return Verdict{Seniority: start.Seniority}
	}
	earlier := recordedAt(start.Time, start.Received).Before(latest.recordedAt())
	if earlier && start.Index > 0 {
		return Verdict{Late: true, Seniority: start.Seniority}
	}
	return Verdict{Predecessor: latest.ID, CloseNow: !earlier, Seniority: min(latest.Seniority, start.Seniority)}
}

// Accept judges the session again, adds it, marks its predecessor as replaced, and
// returns the new verdict. At the limit it removes another session. It changes nothing
// if AddressOnly is set or the session was already accepted.
func (h *History) Accept(start SessionStart) Verdict {
	verdict := h.Judge(start)
	if start.AddressOnly || h.find(start.Session) != nil {
		return verdict
	}
	h.revision++
	accepted := Session{
		ID: start.Session, Predecessor: verdict.Predecessor, Seniority: verdict.Seniority,
		HighestIndex: start.Index, LatestTime: start.Time, LastReceived: start.Received, Replaced: verdict.Late,
	}
	h.removeAtLimit()
	latest := h.latest("")
	if verdict.Late || verdict.Predecessor != "" && !verdict.CloseNow {
		accepted.AliveAfter = latest.runBoundary(start.Received)
	}
	if verdict.Predecessor != "" {
		latest.Replace(start.Time, start.Received)
	}
	h.sessions = append(h.sessions, accepted)
	return verdict
}

// Observe updates the session when new records of it are committed: index is the highest
// index among them, and at is the time of the record with that index. It changes nothing
// if the session is unknown or had a record with this or a higher index. It reports whether
// the record shows that two servers share the source; false if that was known and has not
// lapsed.
func (h *History) Observe(session string, index uint64, at, received time.Time) (shared bool) {
	s := h.find(session)
	if s == nil || index <= s.HighestIndex {
		return false
	}
	h.revision++
	previousReceipt := s.LastReceived
	aliveAfter, resumed := s.observe(index, at, received)
	other := h.latest(session)
	switch {
	case s.Replaced || other == nil:
		return false
	case resumed:
		return h.resolveResumed(s, other, aliveAfter)
	case other.LastReceived.After(previousReceipt):
		return h.noteShared(received)
	default:
		return false
	}
}

// resolveResumed determines the role of other after s resumed although it was
// considered replaced. other is the latest session apart from s, and aliveAfter is
// s.AliveAfter as it was before s resumed. The result is that of Observe.
func (h *History) resolveResumed(s, other *Session, aliveAfter time.Time) (shared bool) {
	switch {
	case other.Predecessor == s.ID && !other.AliveAfter.IsZero():
		other.Replaced = true // its replacement of s was in doubt: it is late
		return false
	case s.LastReceived.Sub(other.LastReceived) >= verdictLifetime,
		h.acceptedBefore(other, s) && !other.recordedAt().After(aliveAfter): // other was silent since s was found late or replaced
		s.Seniority = min(other.Seniority, s.Seniority)
		other.Replace(s.LatestTime, s.LastReceived)
		return false
	default:
		return h.noteShared(s.LastReceived)
	}
}

// noteShared stores that two servers posted in turn, and reports whether that was not
// known.
func (h *History) noteShared(now time.Time) bool {
	wasShared := h.Shared(now)
	h.sharedAt = now
	return !wasShared
}

// Shared reports whether two servers share the source. The verdict lapses a day after
// they last posted in turn.
func (h *History) Shared(now time.Time) bool {
	return !h.sharedAt.IsZero() && now.Sub(h.sharedAt) < verdictLifetime
}

// Replaced reports whether the session is replaced or late. It returns false for an
// unknown session.
func (h *History) Replaced(session string) bool {
	s := h.find(session)
	return s != nil && s.Replaced
}

// Seniority returns the seniority of the session, and whether the history has the session. The
// seniority changes when the session resumes and then replaces a more senior one.
func (h *History) Seniority(session string) (seniority uint64, found bool) {
	s := h.find(session)
	if s == nil {
		return 0, false
	}
	return s.Seniority, true
}

// Forget removes the session. An unknown session is ignored.
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

// latest returns the session whose latest record was received last, or nil. It
// ignores replaced sessions and the session with the id in except.
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

// removeAtLimit removes the oldest replaced session if the limit is reached, or, if
// none is replaced, the one without records for the longest time.
func (h *History) removeAtLimit() {
	if len(h.sessions) < maxSessions {
		return
	}
	oldest := slices.IndexFunc(h.sessions, func(s Session) bool { return s.Replaced })
	if oldest < 0 {
		oldest = 0
		for i, s := range h.sessions {
			if s.LastReceived.Before(h.sessions[oldest].LastReceived) {
				oldest = i
			}
		}
	}
	h.sessions = slices.Delete(h.sessions, oldest, oldest+1)
}
