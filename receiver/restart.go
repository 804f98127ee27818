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
func beginningOf(doc *cdr.Document, received time.Time) (callbridge.Beginning, bool) {
	start := doc.Mark()
	defer doc.Rewind(start)
	for record := range doc.Records() {
		if record != nil {
			return callbridge.Beginning{
				Session: strings.Clone(doc.Session), Index: record.CorrelatorIndex, Time: record.Time, Received: received,
			}, true
		}
	}
	return callbridge.Beginning{}, false
}

// predecessor finds the session that this one, new to its source, follows, or nil. If
// it is known to be over, what is open in it is closed.
func (r *cdrReceiver) predecessor(ctx context.Context, of *session, doc *cdr.Document, now time.Time) (*session, error) {
	if of.placed == of.source || of.fleeting {
		return nil, nil
	}
	if of.beginning.Received.IsZero() {
		beginning, good := beginningOf(doc, now)
		if !good {
			return nil, nil
		}
		of.beginning = beginning
	}
	before, verdict := r.sessions.judge(of)
	if before == nil || !verdict.CloseNow {
		return before, nil
	}
	if err := before.acquire(ctx); err != nil {
		return nil, err
	}
	defer before.release()
	return before, r.releaseEverything(ctx, before, correlate.Restarted, now)
}

// judge says what the session, new to its source, follows, and changes nothing.
func (s *sessions) judge(of *session) (before *session, _ callbridge.Verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	verdict := s.history(of.source.instance).Judge(s.beginning(of))
	return s.byID[verdict.Predecessor], verdict
}

// beginning of the session, as one of its source. The lock must be held.
func (s *sessions) beginning(of *session) callbridge.Beginning {
	b := of.beginning
	b.Place, b.AddressOnly = of.place, !of.source.named
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
func (s *sessions) accept(of *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of.placed != nil {
		s.leaveHistory(of)
		s.leaveSource(of.placed)
	}
	history := s.history(of.source.instance)
	verdict := history.Accept(s.beginning(of))
	of.place = verdict.Place
	if before := s.byID[verdict.Predecessor]; before != nil {
		before.replaced = of.beginning.Received
	}
	if !history.Empty() {
		s.histories[of.source.instance] = history
	}
	of.placed = of.source
}

// leaveHistory forgets the session in its source. The lock must be held.
func (s *sessions) leaveHistory(of *session) {
	if of.placed == nil {
		return
	}
	history := s.history(of.placed.instance)
	if history.Forget(of.id); history.Empty() {
		delete(s.histories, of.placed.instance)
	}
}

// heardOf notes the newest of the session's new records, and reports whether it shows
// that several servers share the source.
func (s *sessions) heardOf(of *session, index uint64, at, received time.Time) (shared bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.history(of.placed.instance).Heard(of.id, index, at, received)
}

func (r *cdrReceiver) warnShared(of *session) {
	r.logger.Warn("Two servers share one identity, so that a restart of either cannot be seen while both go on: "+
		"give each its own system_id in its receiver URI, or its own callBridge",
		zap.String("service.instance.id", of.source.instance), zap.String("session", of.id))
}

// fate is what is known of the session beside its records.
func (s *sessions) fate(of *session) correlate.Fate {
	s.mu.Lock()
	defer s.mu.Unlock()
	heard := of.heard
	if of.replaced.After(heard) {
		heard = of.replaced
	}
	return correlate.Fate{GapAfter: of.tracker.MissingAfter, Restarted: s.isReplaced(of), Heard: heard}
}

// isReplaced reports whether another session follows the session. The lock must be held.
func (s *sessions) isReplaced(of *session) bool {
	return of.placed != nil && s.history(of.placed.instance).Replaced(of.id)
}
