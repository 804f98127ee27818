package cmscdrreceiver

import (
	"context"
	"iter"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// Snapshots tell who is in the open calls now. They are no part of the promise: what
// the pipelines refuse is dropped, as the next one says more, and no answer to Meeting
// Server waits for them.

// maxBehind is how old a session's records may be when they are received. Of a backlog
// it is not known which of its calls still go on.
const maxDelay = 5 * time.Minute

// snapshotWait is how long a snapshot waits for a session that is busy; its next one
// comes soon.
const snapshotWait = 250 * time.Millisecond

// startSnapshots begins them, if they are wanted.
func (r *cdrReceiver) startSnapshots() {
	switch {
	case r.config.Snapshots.Interval == 0:
	case r.nextLogs == nil:
		r.logger.Warn("snapshots::interval is set and has no effect: snapshots are log records, and no logs pipeline has this receiver",
			zap.Duration("snapshots::interval", r.config.Snapshots.Interval))
	default:
		r.snapshots = every(r.config.Snapshots.Interval, r.snapshot)
	}
}

// snapshot tells who is in the open calls of all sessions. What is refused is logged
// once: it is mostly for one reason.
func (r *cdrReceiver) snapshot(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.deliveryTimeout())
	defer cancel()
	dropped, why := 0, error(nil)
	for _, session := range r.sessions.all() {
		for payload := range r.sessionSnapshots(ctx, session) {
			if err := r.consumeLogs(ctx, payload); err != nil {
				dropped, why = dropped+payload.Len(), err
			}
		}
	}
	if dropped > 0 {
		r.add(ctx, r.telemetry.ReceiverCmsCdrDroppedSnapshots, int64(dropped))
		r.logger.Warn("Snapshots of calls were refused and are dropped; the next ones tell more",
			zap.Int("snapshots", dropped), zap.Error(why))
	}
}

// snapshotsOf yields the snapshots of one session's calls, none if the session is busy
// or not current. Its turn is held only while pointers are copied.
func (r *cdrReceiver) sessionSnapshots(ctx context.Context, session *session) iter.Seq[translate.LogsPayload] {
	return func(yield func(translate.LogsPayload) bool) {
		waiting, cancel := context.WithTimeout(ctx, snapshotWait)
		defer cancel()
		if session.acquire(waiting) != nil {
			return
		}
		var calls []correlate.Snapshot
		now, source := r.clock(), session.committedSource
		if source != nil && r.isCurrent(session, now) {
			calls = session.state.Snapshots(now)
		}
		session.release()
		for len(calls) > 0 {
			logs := translate.NewLogs(r.scope, source.resource, session.id, now, false, nil)
			calls = calls[logs.Snapshots(calls):]
			for payload := range logs.Payloads(false) {
				if !yield(payload) {
					return
				}
			}
		}
	}
}

// isCurrent reports whether what is open in the session is what goes on now: its
// records do not come late, no document of it was refused lately, and no other session
// follows it. Its turn must be held.
func (r *cdrReceiver) isCurrent(session *session, now time.Time) bool {
	return session.state.Delay() <= maxDelay && now.Sub(session.refusedAt) >= correlate.RetryWindow && !r.sessions.liveness(session).Restarted
}
