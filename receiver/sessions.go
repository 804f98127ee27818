package cmscdrreceiver

import (
	"context"
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
	// leaving were too many: they are gone once what is open in them is closed.
	leaving []*session
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
		byID: map[string]*session{}, lines: map[string]*line{},
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
	// book is what of it is saved and what is not.
	book    *checkpoint.Book
	started bool
	source  *source
	// placed is the source in whose line the session was put, and in whose series
	// what is open was counted. It differs from source only until the first commit
	// after that was settled.
	placed *source
	// bridge is the last callBridge that the session named: inside clusters it
	// is sometimes absent.
	bridge string

	// The lock of all sessions guards these.
	heard time.Time // when its last document was received
	began time.Time // the time of the record that came first
	// followed is the time of the first record of the session that came after it,
	// zero while it goes on.
	followed time.Time
}

// maxSessions bounds the sessions, which senders choose; the largest clusters
// have 24 Call Bridges. Beyond it goes the one that was heard of longest ago.
const maxSessions = 4096

// of returns the session that the document is of. One that cannot be identified
// gets a session without an id, for itself alone.
func (s *sessions) of(doc *cdr.Document, now time.Time) *session {
	if doc.Session == "" || len(doc.Session) > cdr.MaxID || len(doc.CallBridge) > cdr.MaxID {
		return s.newSession("")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.byID[doc.Session]
	if one == nil {
		if len(s.byID) >= maxSessions {
			s.dropOldest()
		}
		one = s.newSession(strings.Clone(doc.Session))
		s.byID[one.id] = one
	}
	one.heard = now
	return one
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
	s.leaving = append(s.leaving, oldest)
}

func (s *sessions) forget(one *session) {
	delete(s.byID, one.id)
	for instance, line := range s.lines {
		if line.latest == one {
			delete(s.lines, instance)
		}
	}
}

// keepLatest is how long the latest session of a source is remembered: a quiet
// holiday is no restart, and what comes after it is no repeat.
const keepLatest = 30 * 24 * time.Hour

// prune forgets what is silent and holds nothing, and returns those that left
// and must be closed.
func (s *sessions) prune(now time.Time) (leaving []*session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	latest := map[*session]bool{}
	for _, line := range s.lines {
		latest[line.latest] = true
	}
	for _, one := range s.byID {
		keep := s.limits.Expire + correlate.Grace
		if latest[one] {
			keep = max(keep, keepLatest)
		}
		if now.Sub(one.heard) > keep {
			s.forget(one)
			s.leaving = append(s.leaving, one)
		}
	}
	leaving, s.leaving = s.leaving, nil
	return leaving
}

// back puts what could not be closed back among those that leave.
func (s *sessions) back(one *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaving = append(s.leaving, one)
}

// all are those that are known, in the order of their ids.
func (s *sessions) all() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*session, 0, len(s.byID))
	for _, one := range s.byID {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b *session) int { return strings.Compare(a.id, b.id) })
	return all
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
