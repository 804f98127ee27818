package cmscdrreceiver

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/callbridge"
	"github.com/cmscdr/cmscdrreceiver/internal/checkpoint"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// session is one run of a Call Bridge.
type session struct {
	id string
	// fleeting: it is of one document in which there is no good record, and nothing is
	// kept of it.
	ephemeral bool
	// turn holds a token while a document of the session is staged, delivered
	// and committed. It guards what follows.
	lock    chan struct{}
	tracker sequence.Tracker
	state   *correlate.Session
	// uncommitted is what the pipelines have of transactions that were dropped.
	uncommitted uncommitted
	// book is what of it is saved and what is not; listed: it is in the list of
	// what is saved.
	writer        *checkpoint.Writer
	indexed       bool
	startReported bool
	source        *source
	// beginning is what its first good record showed.
	start callbridge.SessionStart
	// placed is the source in whose history the session is, and in whose series
	// what is open was counted. It differs from source only until the first commit
	// after that was settled.
	committedSource *source
	// bridge is the last callBridge that the session named: inside clusters it
	// is sometimes absent.
	callBridge string

	// refused is when a document of it was refused last and none accepted since.
	refusedAt time.Time
	// bytes is what it holds, as of its last commit. Anyone may read it.
	bytes atomic.Int64

	// The lock of all sessions guards these.
	// place is where it stands in the order in which sources were first heard of: a
	// session takes the place of the one that it follows.
	seniority    uint64
	lastReceived time.Time // when its last document was received, accepted or not
	// replaced is when another session was taken to follow it; from then on it has some
	// time to show that it goes on.
	replacedAt time.Time
}

// acquire waits for the session's turn, as long as ctx lasts.
func (s *session) acquire(ctx context.Context) error {
	select {
	case s.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *session) release() { <-s.lock }

// counted is the source in whose series the session is: a document that settled it
// anew may have been refused.
func (s *session) metricsSource() *source { return cmp.Or(s.committedSource, s.source) }
