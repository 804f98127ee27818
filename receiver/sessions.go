package cmscdrreceiver

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/callbridge"
	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/checkpoint"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
)

// sessions are the runs of Call Bridges that documents came from. Its lock is
// short: it is never held during a delivery.
type sessions struct {
	// aggregator is nil where no pipeline takes metrics.
	aggregator *metrics.Aggregator
	meetings   *meeting.Registry
	limits     correlate.Limits

	mu   sync.Mutex
	byID map[string]*session
	// leaving, by id, are gone once what is open in them is closed and nothing of
	// them is saved. Until then there is no other session of that id.
	evicted map[string]*session
	// histories are how the sessions of a source follow each other, by instance.
	histories map[string]*callbridge.History
	// uses counts the sessions of each source, by instance: without one its series go.
	sourceRefs map[string]int
	// places is the highest place that was given.
	lastSeniority uint64
	// budget in bytes is what all sessions together may hold, held what they do.
	budget    int64
	usedBytes atomic.Int64
}

func newSessions(limits correlate.Limits, budget int64) *sessions {
	return &sessions{
		meetings: meeting.New(), limits: limits, budget: budget,
		byID: map[string]*session{}, evicted: map[string]*session{}, histories: map[string]*callbridge.History{}, sourceRefs: map[string]int{},
	}
}

// maxSessions bounds the sessions, which senders choose; the largest clusters have 24
// Call Bridges. Beyond it the one that was first heard of last gives way.
const maxSessions = 4096

// maxLeaving bounds those that must go and cannot be closed, as pipelines refuse
// it: until then there are no new ones.
const maxEvicted = 256

var (
	errTooManySessions = errors.New("too many sessions: all that are known were heard of before this one")
	errEvicting        = errors.New("the session was silent for so long that it is being closed; it begins anew when that is done")
)

// turn returns the session that the document is of, in its turn, which the caller
// releases. A document that cannot be identified, or without a good record in a
// session that is not known, gets a session for itself alone.
func (s *sessions) acquire(ctx context.Context, doc *cdr.Document, from sender, now time.Time) (*session, error) {
	for {
		session, err := s.sessionOf(doc, from, now)
		if err != nil {
			return nil, err
		}
		if err := session.acquire(ctx); err != nil {
			return nil, err
		}
		if session.ephemeral || s.contains(session) {
			return session, nil
		}
		session.release() // it had to go meanwhile
	}
}

func (s *sessions) sessionOf(doc *cdr.Document, from sender, now time.Time) (*session, error) {
	if doc.Session == "" || len(doc.Session) > cdr.MaxID || len(doc.CallBridge) > cdr.MaxID {
		return s.newEphemeral(""), nil
	}
	if session, err := s.find(doc.Session, now); session != nil || err != nil {
		return session, err
	}
	beginning, good := sessionStartOf(doc, now)
	if !good {
		return s.newEphemeral(doc.Session), nil
	}
	return s.admit(beginning, instanceID(doc.CallBridge, from))
}

// find returns the session of that id, or nil, and notes that it was heard of.
func (s *sessions) find(id string, now time.Time) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session := s.byID[id]
	switch {
	case session == nil && s.evicted[id] != nil:
		return nil, errEvicting
	case session == nil:
		return nil, nil
	}
	session.lastReceived = now
	return session, s.checkBudget(session)
}

// admit begins a session of that source. Where there are too many, one that was first
// heard of later gives way to it; without one it has to wait.
func (s *sessions) admit(beginning callbridge.SessionStart, instance string) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session := s.byID[beginning.Session]; session != nil {
		return session, nil // another document of it was faster
	}
	session := s.newSession(beginning.Session)
	s.lastSeniority++
	beginning.Seniority = s.lastSeniority
	session.lastReceived, session.seniority = beginning.Received, s.history(instance).Judge(beginning).Seniority
	if len(s.byID) >= maxSessions {
		last := s.leastSenior()
		if last.seniority < session.seniority || len(s.evicted) >= maxEvicted {
			return nil, errTooManySessions
		}
		s.evict(last)
	}
	s.byID[session.id] = session
	return session, s.checkBudget(session)
}

func (s *sessions) contains(session *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byID[session.id] == session
}

func (s *sessions) newSession(id string) *session {
	return &session{
		id: id, lock: make(chan struct{}, 1),
		state: correlate.NewSession(id, s.meetings, s.limits), writer: checkpoint.NewWriter(id),
	}
}

func (s *sessions) newEphemeral(id string) *session {
	session := s.newSession(id)
	session.ephemeral = true
	return session
}

func (s *sessions) evict(session *session) {
	delete(s.byID, session.id)
	s.evicted[session.id] = session
	s.removeFromHistory(session)
}

// evict forgets a session, which the caller closes.
func (s *sessions) evictIfPresent(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[session.id] == session {
		s.evict(session)
	}
}

// keepSilent is how long a session is remembered that no other followed: a quiet
// holiday is no restart, and what comes after it is no repeat.
const silentSessionLifetime = 30 * 24 * time.Hour

// prune lets go what is silent, and returns all that must be closed.
func (s *sessions) prune(now time.Time) []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.byID {
		keep := s.limits.Expire + correlate.Grace
		if !s.isReplaced(session) {
			keep = max(keep, silentSessionLifetime)
		}
		if now.Sub(session.lastReceived) > keep {
			s.evict(session)
		}
	}
	return slices.Collect(maps.Values(s.evicted))
}

// left notes that nothing of the session remains.
func (s *sessions) removeEvicted(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.evicted, session.id)
	s.usedBytes.Add(-session.bytes.Swap(0))
	if session.source != session.committedSource {
		s.unrefSource(session.source)
	}
	s.unrefSource(session.committedSource)
}

// all are those that are known, in the order of their ids.
func (s *sessions) all() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.byID), func(a, b *session) int { return strings.Compare(a.id, b.id) })
}

// remaining are those that are known, and those that leave.
func (s *sessions) withEvicted() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.AppendSeq(slices.Collect(maps.Values(s.byID)), maps.Values(s.evicted))
}

func (s *sessions) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byID)
}
