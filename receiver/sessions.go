package cmscdrreceiver

import (
	"context"
	"errors"
	"fmt"
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

// sessions holds the sessions of all Call Bridges. mu is held briefly, never during a
// delivery.
type sessions struct {
	// aggregator is nil if the receiver is in no metrics pipeline.
	aggregator *metrics.Aggregator
	meetings   *meeting.Registry
	limits     correlate.Limits

	mu   sync.Mutex
	byID map[string]*session
	// evicted holds, by id, the sessions that were removed from byID, until their
	// entities are closed and what is saved of them is deleted. Until then no new session
	// of the same id is admitted.
	evicted map[string]*session
	// histories holds the history of each source, by instance.
	histories map[string]*callbridge.History
	// sourceRefs counts the sessions of each source, by instance. The series of a
	// source without sessions are released.
	sourceRefs map[string]int
	// lastSeniority is the highest number of seniority assigned so far.
	lastSeniority uint64
	// budget is the memory in bytes that all sessions may use, usedBytes what they
	// use.
	budget    int64
	usedBytes atomic.Int64
}

func newSessions(limits correlate.Limits, budget int64) *sessions {
	return &sessions{
		meetings: meeting.New(), limits: limits, budget: budget,
		byID: map[string]*session{}, evicted: map[string]*session{}, histories: map[string]*callbridge.History{}, sourceRefs: map[string]int{},
	}
}

// maxSessions limits the sessions, because clients choose their ids. The largest
// clusters have 24 Call Bridges. At the limit a session is admitted only in place of one
// that is not more senior.
const maxSessions = 4096

// maxEvicted limits the evicted sessions that are not closed yet, or not deleted from the
// storage yet. At the limit no further session is evicted for a new one.
const maxEvicted = 256

var (
	errTooManySessions = errors.New("too many sessions")
	errEvicting        = errors.New("the session is being evicted, and is admitted again afterwards")
)

// acquire returns the session of the document with its lock held; the caller releases
// it. It returns errBusy, errEvicting, errNoMemory or errTooManySessions if the document
// must be sent again. A document without a usable session id gets an ephemeral session,
// and so does one without a readable record whose session does not exist yet.
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
		session.release() // it was evicted meanwhile
	}
}

// sessionOf returns the session of the document, but does not acquire its lock: the
// existing session with the document's session id, or a new one.
func (s *sessions) sessionOf(doc *cdr.Document, from sender, now time.Time) (*session, error) {
	if doc.Session == "" || len(doc.Session) > cdr.MaxID || len(doc.CallBridge) > cdr.MaxID {
		return s.newEphemeral(""), nil
	}
	if session, err := s.find(doc.Session, now); session != nil || err != nil {
		return session, err
	}
	start, found := sessionStartOf(doc, now)
	if !found {
		return s.newEphemeral(doc.Session), nil
	}
	return s.admit(start, instanceID(doc.CallBridge, from))
}

// find returns the session of that id, or nil, and updates its time of receipt. It returns
// errEvicting if that session is evicted and not removed yet, and the session with
// errNoMemory if its document must wait until entities are closed.
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

// admit creates a session of that source. At the limit of sessions it evicts one that is
// not more senior. It returns errTooManySessions if all are more senior, or if too many
// evicted sessions are not closed yet. It returns errEvicting if an evicted session has the
// same id, and the new session with errNoMemory if its document must wait until entities
// are closed.
func (s *sessions) admit(start callbridge.SessionStart, instance string) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session := s.byID[start.Session]; session != nil {
		return session, nil // another document of the session was admitted first
	}
	if s.evicted[start.Session] != nil {
		return nil, errEvicting // it was admitted and evicted since the document looked for it
	}
	session := s.newSession(start.Session)
	s.lastSeniority++
	start.Seniority = s.lastSeniority
	session.lastReceived, session.seniority = start.Received, s.history(instance).Judge(start).Seniority
	if len(s.byID) >= maxSessions {
		least := s.leastSenior()
		if least.seniority < session.seniority {
			return nil, fmt.Errorf("%w: all %d are more senior than %q", errTooManySessions, len(s.byID), session.id)
		}
		if len(s.evicted) >= maxEvicted {
			return nil, fmt.Errorf("%w: %d evicted sessions are not closed yet; if this persists, the pipelines refuse their spans or the storage fails",
				errTooManySessions, len(s.evicted))
		}
		s.evict(least)
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

// evict moves the session to the evicted ones. mu must be held.
func (s *sessions) evict(session *session) {
	delete(s.byID, session.id)
	s.evicted[session.id] = session
	s.removeFromHistory(session)
}

// isEvicted reports whether the session is evicted and not removed yet.
func (s *sessions) isEvicted(session *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.evicted[session.id] == session
}

// evictIfPresent evicts a session that is not evicted yet. The caller closes its entities.
func (s *sessions) evictIfPresent(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[session.id] == session {
		s.evict(session)
	}
}

// silentSessionLifetime is how long a session without documents is kept if no other
// session replaces it and it is not late; longer if expire_after is longer. Silence, such
// as a holiday, is not a restart, and duplicates must still be recognised after it.
const silentSessionLifetime = 30 * 24 * time.Hour

// prune evicts sessions that were silent for too long, and returns all evicted ones.
func (s *sessions) prune(now time.Time) []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.byID {
		keep := s.limits.Expire + correlate.Grace
		if !s.isReplaced(session) {
			keep = max(keep, silentSessionLifetime)
		}
		if now.Sub(session.lastActive()) > keep {
			s.evict(session)
		}
	}
	return slices.Collect(maps.Values(s.evicted))
}

// removeEvicted removes a session whose entities are closed and that is deleted from the
// storage.
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

// all returns the sessions, sorted by id.
func (s *sessions) all() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.byID), func(a, b *session) int { return strings.Compare(a.id, b.id) })
}

// withEvicted returns the sessions and the evicted ones.
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
