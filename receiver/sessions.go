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
	leaving map[string]*session
	// histories are how the sessions of a source follow each other, by instance.
	histories map[string]*callbridge.History
	// uses counts the sessions of each source, by instance: without one its series go.
	uses map[string]int
	// places is the highest place that was given.
	places uint64
	// budget in bytes is what all sessions together may hold, held what they do.
	budget int64
	held   atomic.Int64
}

func newSessions(limits correlate.Limits, budget int64) *sessions {
	return &sessions{
		meetings: meeting.New(), limits: limits, budget: budget,
		byID: map[string]*session{}, leaving: map[string]*session{}, histories: map[string]*callbridge.History{}, uses: map[string]int{},
	}
}

// maxSessions bounds the sessions, which senders choose; the largest clusters have 24
// Call Bridges. Beyond it the one that was first heard of last gives way.
const maxSessions = 4096

// maxLeaving bounds those that must go and cannot be closed, as pipelines refuse
// it: until then there are no new ones.
const maxLeaving = 256

var (
	errTooMany = errors.New("too many sessions: all that are known were heard of before this one")
	errLeaving = errors.New("the session was silent for so long that it is being closed; it begins anew when that is done")
)

// turn returns the session that the document is of, in its turn, which the caller
// releases. A document that cannot be identified, or without a good record in a
// session that is not known, gets a session for itself alone.
func (s *sessions) turn(ctx context.Context, doc *cdr.Document, from sender, now time.Time) (*session, error) {
	for {
		of, err := s.sessionOf(doc, from, now)
		if err != nil {
			return nil, err
		}
		if err := of.acquire(ctx); err != nil {
			return nil, err
		}
		if of.fleeting || s.known(of) {
			return of, nil
		}
		of.release() // it had to go meanwhile
	}
}

func (s *sessions) sessionOf(doc *cdr.Document, from sender, now time.Time) (*session, error) {
	if doc.Session == "" || len(doc.Session) > cdr.MaxID || len(doc.CallBridge) > cdr.MaxID {
		return s.newFleeting(""), nil
	}
	if of, err := s.find(doc.Session, now); of != nil || err != nil {
		return of, err
	}
	beginning, good := beginningOf(doc, now)
	if !good {
		return s.newFleeting(doc.Session), nil
	}
	return s.admit(beginning, instanceOf(doc.CallBridge, from))
}

// find returns the session of that id, or nil, and notes that it was heard of.
func (s *sessions) find(id string, now time.Time) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.byID[id]
	switch {
	case of == nil && s.leaving[id] != nil:
		return nil, errLeaving
	case of == nil:
		return nil, nil
	}
	of.heard = now
	return of, s.hasRoomFor(of)
}

// admit begins a session of that source. Where there are too many, one that was first
// heard of later gives way to it; without one it has to wait.
func (s *sessions) admit(beginning callbridge.Beginning, instance string) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of := s.byID[beginning.Session]; of != nil {
		return of, nil // another document of it was faster
	}
	of := s.newSession(beginning.Session)
	s.places++
	beginning.Place = s.places
	of.heard, of.place = beginning.Received, s.history(instance).Judge(beginning).Place
	if len(s.byID) >= maxSessions {
		last := s.junior()
		if last.place < of.place || len(s.leaving) >= maxLeaving {
			return nil, errTooMany
		}
		s.forget(last)
	}
	s.byID[of.id] = of
	return of, s.hasRoomFor(of)
}

func (s *sessions) known(of *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byID[of.id] == of
}

func (s *sessions) newSession(id string) *session {
	return &session{
		id: id, turn: make(chan struct{}, 1),
		state: correlate.NewSession(id, s.meetings, s.limits), book: checkpoint.NewBook(id),
	}
}

func (s *sessions) newFleeting(id string) *session {
	of := s.newSession(id)
	of.fleeting = true
	return of
}

func (s *sessions) forget(one *session) {
	delete(s.byID, one.id)
	s.leaving[one.id] = one
	s.leaveHistory(one)
}

// evict forgets a session, which the caller closes.
func (s *sessions) evict(of *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[of.id] == of {
		s.forget(of)
	}
}

// keepSilent is how long a session is remembered that no other followed: a quiet
// holiday is no restart, and what comes after it is no repeat.
const keepSilent = 30 * 24 * time.Hour

// prune lets go what is silent, and returns all that must be closed.
func (s *sessions) prune(now time.Time) []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.byID {
		keep := s.limits.Expire + correlate.Grace
		if !s.isReplaced(one) {
			keep = max(keep, keepSilent)
		}
		if now.Sub(one.heard) > keep {
			s.forget(one)
		}
	}
	return slices.Collect(maps.Values(s.leaving))
}

// left notes that nothing of the session remains.
func (s *sessions) left(one *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.leaving, one.id)
	s.held.Add(-one.bytes.Swap(0))
	if one.source != one.placed {
		s.leaveSource(one.source)
	}
	s.leaveSource(one.placed)
}

// all are those that are known, in the order of their ids.
func (s *sessions) all() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.byID), func(a, b *session) int { return strings.Compare(a.id, b.id) })
}

// remaining are those that are known, and those that leave.
func (s *sessions) remaining() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.AppendSeq(slices.Collect(maps.Values(s.byID)), maps.Values(s.leaving))
}

func (s *sessions) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byID)
}
