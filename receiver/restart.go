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

// A Call Bridge that starts begins a new session: what was open in the one before
// gets no end record. internal/callbridge says which session follows which; here it
// is asked under the lock of all sessions, and its histories are kept.

// beginningOf is what the document's first good record shows of its session, if there
// is one. The document stands where it stood.
func sessionStartOf(doc *cdr.Document, received time.Time) (callbridge.SessionStart, bool) {
	start := doc.Mark()
	defer doc.Rewind(start)
	for record := range doc.Records() {
		if record != nil {
			return callbridge.SessionStart{
				Session: strings.Clone(doc.Session), Index: record.CorrelatorIndex, Time: record.Time, Received: received,
			}, true
		}
	}
	return callbridge.SessionStart{}, false
}

// predecessor finds the session that this one, new to its source, follows, or nil. If
// it is known to be over, what is open in it is closed.
func (r *cdrReceiver) predecessor(ctx context.Context, session *session, doc *cdr.Document, now time.Time) (*session, error) {
	if session.committedSource == session.source || session.ephemeral {
		return nil, nil
	}
	if session.start.Received.IsZero() {
		beginning, good := sessionStartOf(doc, now)
		if !good {
			return nil, nil
		}
		session.start = beginning
	}
	before, verdict := r.sessions.judge(session)
	if before == nil || !verdict.CloseNow {
		return before, nil
	}
	if err := before.acquire(ctx); err != nil {
		return nil, err
	}
	defer before.release()
	return before, r.closeAll(ctx, before, correlate.Restarted, now)
}

// judge says what the session, new to its source, follows, and changes nothing.
func (s *sessions) judge(session *session) (before *session, _ callbridge.Verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	verdict := s.history(session.source.instance).Judge(s.sessionStart(session))
	return s.byID[verdict.Predecessor], verdict
}

// beginning of the session, as one of its source. The lock must be held.
func (s *sessions) sessionStart(session *session) callbridge.SessionStart {
	b := session.start
	b.Seniority, b.AddressOnly = session.seniority, !session.source.named
	return b
}

// history of a source; one that is not known has an empty one. The lock must be held.
func (s *sessions) history(instance string) *callbridge.History {
	if history := s.histories[instance]; history != nil {
		return history
	}
	return new(callbridge.History)
}

// accept notes that a document of the session, new to its source, was committed.
func (s *sessions) accept(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session.committedSource != nil {
		s.removeFromHistory(session)
		s.unrefSource(session.committedSource)
	}
	history := s.history(session.source.instance)
	verdict := history.Accept(s.sessionStart(session))
	session.seniority = verdict.Seniority
	if before := s.byID[verdict.Predecessor]; before != nil {
		before.replacedAt = session.start.Received
	}
	if !history.Empty() {
		s.histories[session.source.instance] = history
	}
	session.committedSource = session.source
}

// leaveHistory forgets the session in its source. The lock must be held.
func (s *sessions) removeFromHistory(session *session) {
	if session.committedSource == nil {
		return
	}
	history := s.history(session.committedSource.instance)
	if history.Forget(session.id); history.Empty() {
		delete(s.histories, session.committedSource.instance)
	}
}

// heardOf notes the newest of the session's new records, and reports whether it shows
// that several servers share the source.
func (s *sessions) observe(session *session, index uint64, at, received time.Time) (shared bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.history(session.committedSource.instance).Observe(session.id, index, at, received)
}

func (r *cdrReceiver) warnShared(session *session) {
	r.logger.Warn("Two servers share one identity, so that a restart of either cannot be seen while both go on: "+
		"give each its own system_id in its receiver URI, or its own callBridge",
		zap.String("service.instance.id", session.source.instance), zap.String("session", session.id))
}

// fate is what is known of the session beside its records.
func (s *sessions) liveness(session *session) correlate.Liveness {
	s.mu.Lock()
	defer s.mu.Unlock()
	heard := session.lastReceived
	if session.replacedAt.After(heard) {
		heard = session.replacedAt
	}
	return correlate.Liveness{GapAfter: session.tracker.MissingAfter, Restarted: s.isReplaced(session), LastReceived: heard}
}

// isReplaced reports whether another session follows the session. The lock must be held.
func (s *sessions) isReplaced(session *session) bool {
	return session.committedSource != nil && s.history(session.committedSource.instance).Replaced(session.id)
}
