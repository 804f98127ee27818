package cmscdrreceiver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/callbridge"
	"github.com/cmscdr/cmscdrreceiver/internal/checkpoint"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// session is the state of one run of a Call Bridge.
type session struct {
	id string
	// ephemeral is set for the session of a single document that has no usable session
	// id, or that has no readable record and whose session does not exist yet. It is not
	// kept.
	ephemeral bool
	// lock holds a token while a goroutine uses the session, also during a delivery. It
	// guards the fields from tracker to refusedAt.
	lock    chan struct{}
	tracker sequence.Tracker
	state   *correlate.Session
	// uncommitted has the items of dropped transactions that are not delivered again.
	uncommitted uncommitted
	// writer tracks what of the session is saved; listed is set when the session is
	// in the list of saved sessions.
	writer *checkpoint.Writer
	listed bool
	// startReported is set once the first record of the session is committed, with the log
	// record for the start of the session if the receiver is in a logs pipeline.
	startReported bool
	// source is the resolved source; nil before the first document.
	source *source
	// start is what the session's first readable record showed.
	start callbridge.SessionStart
	// committedSource is the source in whose history the session is, and in whose
	// series its entities are counted; nil until a record of the session is committed,
	// and always nil for an ephemeral session. Once set, it differs from source only from
	// the resolution of a new source to the next commit of a document.
	// It changes only under both lock and sessions.mu, so either is enough to read it.
	committedSource *source
	// callBridge is the first callBridge of a document of the session, empty until then.
	// In clusters some documents lack it.
	callBridge string

	// refusedAt is when the last processed document was received if it was refused; zero
	// if it was accepted. A restored session begins with the time of the restart.
	refusedAt time.Time
	// historyUnsaved is set when another session leaves the history of the source. The session
	// that leaves may have the only saved copy of the history that shows that this session is
	// replaced, so the next save writes this session even if nothing else of it changed.
	historyUnsaved atomic.Bool
	// bytes is the memory that the session used when updateSize was last called: after a
	// commit, after a delivery that failed, or at the restore. It can be read without a
	// lock.
	bytes atomic.Int64

	// seniority is the session's position in the order in which sessions were first
	// received; the lower, the more senior. A session inherits the seniority of its
	// predecessor.
	//
	// sessions.mu guards this field and the following ones.
	seniority    uint64
	lastReceived time.Time // when a document was last received, accepted or not; restore moves it by the downtime
	// replacedAt is when the first record of a new session that replaced this one was
	// received; zero if none did. A session that replaces this one by resuming does not set
	// it. restore moves it by the downtime.
	// The entities of this session that were not closed at once are closed when no document
	// of this session was received for a minute, and not earlier than a minute after
	// replacedAt. They stay open if a record that is received earlier shows that this
	// session is still running.
	replacedAt time.Time
}

// errBusy reports that a session's lock was not released in time.
var errBusy = errors.New("the session is still in use, such as by another document")

// acquire waits for the session's lock until ctx is done; then it returns errBusy. It
// acquires a lock that is free even if ctx is done.
func (s *session) acquire(ctx context.Context) error {
	if s.tryAcquire() == nil {
		return nil
	}
	select {
	case s.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("session %q: %w", s.id, errBusy)
	}
}

// tryAcquire acquires the session's lock if it is free. Otherwise it returns errBusy.
func (s *session) tryAcquire() error {
	select {
	case s.lock <- struct{}{}:
		return nil
	default:
		return fmt.Errorf("session %q: %w", s.id, errBusy)
	}
}

func (s *session) release() { <-s.lock }

// lastActive returns when a document of the session was last received, or when it was replaced
// if that is later. sessions.mu must be held.
func (s *session) lastActive() time.Time {
	if s.replacedAt.After(s.lastReceived) {
		return s.replacedAt
	}
	return s.lastReceived
}

// metricsSource returns the source in whose series the session is counted:
// committedSource, or the resolved source if committedSource is nil. The two differ if
// the document that named a new source is not committed.
func (s *session) metricsSource() *source { return cmp.Or(s.committedSource, s.source) }
