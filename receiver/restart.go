package cmscdrreceiver

import (
	"context"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/callbridge"
	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// A Call Bridge that restarts begins a new session, and the open entities of the old
// session get no end record. Package callbridge decides which session replaces which.
// The functions here call it with sessions.mu held.

// sessionStartOf returns the start of the document's session as its first readable record
// shows it, and whether there is such a record. The position in the document is unchanged.
func sessionStartOf(doc *cdr.Document, received time.Time) (callbridge.SessionStart, bool) {
	position := doc.Mark()
	defer doc.Rewind(position)
	for record := range doc.Records() {
		if record != nil {
			return callbridge.SessionStart{
				Session: strings.Clone(doc.Session), Index: record.CorrelatorIndex, Time: record.Time, Received: received,
			}, true
		}
	}
	return callbridge.SessionStart{}, false
}

// closePredecessor returns the session that this one replaces, or nil if it replaces none or
// is not new to its source. A session that is not new replaces another only when it resumes:
// observe determines that, and a scan closes the entities of the other. If the replacement is
// not in doubt, the open entities of the predecessor are closed before this returns; they
// stay closed if the document is refused afterwards.
func (r *cdrReceiver) closePredecessor(ctx context.Context, session *session, doc *cdr.Document, now time.Time) (*session, error) {
	if session.committedSource == session.source || session.ephemeral {
		return nil, nil
	}
	if session.start.Received.IsZero() {
		start, found := sessionStartOf(doc, now)
		if !found {
			return nil, nil
		}
		session.start = start
	}
	for {
		predecessor, verdict := r.sessions.judge(session)
		if predecessor == nil || !verdict.CloseNow {
			return predecessor, nil
		}
		if err := predecessor.acquire(ctx); err != nil {
			return nil, err
		}
		// A document of the predecessor that was processed meanwhile can change the verdict.
		if again, verdict := r.sessions.judge(session); again != predecessor || !verdict.CloseNow {
			predecessor.release()
			continue
		}
		defer predecessor.release()
		return predecessor, r.closeAll(ctx, predecessor, correlate.Restarted, now)
	}
}

// judge returns the verdict on a session that is new to its source, and the session that
// it replaces or nil. It changes nothing, so the session can be judged again when its
// document is sent again.
func (s *sessions) judge(session *session) (predecessor *session, _ callbridge.Verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	verdict := s.history(session.source.instance).Judge(s.startForHistory(session))
	return s.byID[verdict.Predecessor], verdict
}

// startForHistory returns the start of the session for the history of its source. mu
// must be held.
func (s *sessions) startForHistory(session *session) callbridge.SessionStart {
	start := session.start
	start.Seniority, start.AddressOnly = session.seniority, !session.source.hasStableID
	return start
}

// history returns the history of a source. If the source has none, the result is empty
// and not in histories. mu must be held.
func (s *sessions) history(instance string) *callbridge.History {
	if history := s.histories[instance]; history != nil {
		return history
	}
	return new(callbridge.History)
}

// accept adds the session to the history of its source, when its first records are
// committed. If a later document names another source, accept moves the session from the
// history of the old source to that of the new one. A source that is identified by its
// address alone has no history.
func (s *sessions) accept(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session.committedSource != nil {
		s.removeFromHistory(session)
		s.unrefSource(session.committedSource)
	}
	session.committedSource = session.source
	if s.byID[session.id] != session {
		return // it was evicted meanwhile, and is in no history
	}
	history := s.history(session.source.instance)
	verdict := history.Accept(s.startForHistory(session))
	session.seniority = verdict.Seniority
	if predecessor := s.byID[verdict.Predecessor]; predecessor != nil {
		predecessor.replacedAt = session.start.Received
	}
	if !history.Empty() {
		s.histories[session.source.instance] = history
	}
}

// removeFromHistory removes the session from the history of its source, which the sessions
// that remain in it save at the latest in the next scan. An empty history is kept until
// unrefSource, because the storage can still have a copy of it: its revision must be lower
// than those of later copies. mu must be held.
func (s *sessions) removeFromHistory(session *session) {
	if session.committedSource == nil {
		return
	}
	history := s.history(session.committedSource.instance)
	history.Forget(session.id)
	for _, remaining := range history.State().Sessions {
		if other := s.byID[remaining.ID]; other != nil {
			other.historyUnsaved.Store(true)
		}
	}
}

// observe passes the newest of the session's new records to the history, and sets the
// seniority that the session has then. It reports whether the record shows that two servers
// share the source; false if that was known and has not lapsed.
func (s *sessions) observe(session *session, index uint64, recordTime, received time.Time) (shared bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	history := s.history(session.committedSource.instance)
	shared = history.Observe(session.id, index, recordTime, received)
	if seniority, found := history.Seniority(session.id); found {
		session.seniority = seniority
	}
	return shared
}

// warnShared logs that several servers share the source of the session.
func (r *cdrReceiver) warnShared(session *session) {
	r.logger.Warn("Two servers share one identity, so a restart of either cannot be detected while both are running: "+
		"give each its own system_id in its receiver URI; if both send the same callBridge, give each its own callBridge, because a callBridge takes precedence over a system_id",
		zap.String("service.instance.id", session.source.instance), zap.String("session", session.id))
}

// liveness returns what PlanExpired needs to know about the session besides its entities.
// The session's lock must be held.
func (s *sessions) liveness(session *session) correlate.Liveness {
	s.mu.Lock()
	defer s.mu.Unlock()
	return correlate.Liveness{GapAfter: session.tracker.MissingAfter, Restarted: s.isReplaced(session), LastReceived: session.lastActive()}
}

// isReplaced reports whether another session replaces the session, or the session is late.
// mu must be held.
func (s *sessions) isReplaced(session *session) bool {
	return session.committedSource != nil && s.history(session.committedSource.instance).Replaced(session.id)
}
