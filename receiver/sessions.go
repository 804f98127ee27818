package cmscdrreceiver

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/checkpoint"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
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
	// lines of sources that are more than an address, by instance.
	lines map[string]*line
}

// line is how the sessions of one source follow each other.
type line struct {
	latest *session
	// several servers share the source, so that a new session ends no other.
	several bool
}

func newSessions(limits correlate.Limits) *sessions {
	return &sessions{
		meetings: meeting.New(), limits: limits,
		byID: map[string]*session{}, leaving: map[string]*session{}, lines: map[string]*line{},
	}
}

// session is one run of a Call Bridge.
type session struct {
	id string
	// turn holds a token while a document of the session is staged, delivered
	// and committed. It guards what follows.
	turn    chan struct{}
	tracker sequence.Tracker
	state   *correlate.Session
	told    told
	// book is what of it is saved and what is not; listed: it is in the list of
	// what is saved.
	book    *checkpoint.Book
	listed  bool
	started bool
	source  *source
	// placed is the source in whose line the session was put, and in whose series
	// what is open was counted. It differs from source only until the first commit
	// after that was settled.
	placed *source
	// bridge is the last callBridge that the session named: inside clusters it
	// is sometimes absent.
	bridge string

	// refused is when a document of it was refused last and none accepted since.
	refused time.Time

	// The lock of all sessions guards these.
	heard time.Time // when its last document was received, accepted or not
	began time.Time // the time of the record that came first
	// followed is the time of the first record of the session that came after it,
	// zero while it goes on.
	followed time.Time
}

// maxSessions bounds the sessions, which senders choose; the largest clusters
// have 24 Call Bridges. Beyond it goes the one that was heard of longest ago.
const maxSessions = 4096

// maxLeaving bounds those that must go and cannot be closed, as pipelines refuse
// it: until then there are no new ones.
const maxLeaving = 256

var (
	errTooMany = errors.New("too many sessions, and the pipelines refuse what closes the oldest")
	errLeaving = errors.New("the session was silent for so long that it is being closed; it begins anew when that is done")
)

// turn returns the session that the document is of, in its turn, which the caller
// releases. One that cannot be identified gets a session without an id, for itself
// alone.
func (s *sessions) turn(ctx context.Context, doc *cdr.Document, now time.Time) (*session, error) {
	for {
		one, err := s.of(doc, now)
		if err != nil {
			return nil, err
		}
		if err := one.acquire(ctx); err != nil {
			return nil, err
		}
		if one.id == "" || s.known(one) {
			return one, nil
		}
		one.release() // it had to go meanwhile
	}
}

func (s *sessions) of(doc *cdr.Document, now time.Time) (*session, error) {
	if doc.Session == "" || len(doc.Session) > cdr.MaxID || len(doc.CallBridge) > cdr.MaxID {
		return s.newSession(""), nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.byID[doc.Session]
	if one == nil {
		if s.leaving[doc.Session] != nil {
			return nil, errLeaving
		}
		if len(s.byID) >= maxSessions {
			if len(s.leaving) >= maxLeaving {
				return nil, errTooMany
			}
			s.dropOldest()
		}
		one = s.newSession(strings.Clone(doc.Session))
		s.byID[one.id] = one
	}
	one.heard = now
	return one, nil
}

func (s *sessions) known(one *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byID[one.id] == one
}

func (s *sessions) newSession(id string) *session {
	return &session{
		id: id, turn: make(chan struct{}, 1),
		state: correlate.NewSession(id, s.meetings, s.limits), book: checkpoint.NewBook(id),
	}
}

func (s *sessions) dropOldest() {
	var oldest *session
	for _, one := range s.byID {
		if oldest == nil || one.heard.Before(oldest.heard) {
			oldest = one
		}
	}
	s.forget(oldest)
}

func (s *sessions) forget(one *session) {
	delete(s.byID, one.id)
	s.leaving[one.id] = one
	for instance, line := range s.lines {
		if line.latest == one {
			delete(s.lines, instance)
		}
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
		if one.followed.IsZero() {
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
}

// all are those that are known, in the order of their ids.
func (s *sessions) all() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.byID), func(a, b *session) int { return strings.Compare(a.id, b.id) })
}

// remaining are those that are known, and those that leave.
func (s *sessions) remaining() []*session {
	known := s.all()
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.AppendSeq(known, maps.Values(s.leaving))
}

func (s *sessions) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byID)
}

// acquire waits for the session's turn, as long as ctx lasts.
func (s *session) acquire(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *session) release() { <-s.turn }

// counted is the source in whose series the session is: a document that settled it
// anew may have been refused.
func (s *session) counted() *source { return cmp.Or(s.placed, s.source) }
