package cmscdrreceiver

import (
	"context"
	"iter"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// Snapshots list who is in the open calls. They are not part of the delivery guarantee:
// a refused snapshot is dropped, because the next one replaces it, and no answer to
// Meeting Server waits for one.

// maxDelay is the highest delay of a session for which snapshots are emitted. With a
// longer delay, the end record of an open call may be among those still to be sent.
const maxDelay = 5 * time.Minute

// snapshotWait limits the wait for a busy session, whose calls then get no snapshots.
const snapshotWait = 250 * time.Millisecond

// startSnapshots starts the emission of snapshots if it is configured.
func (r *cdrReceiver) startSnapshots() {
	switch {
	case r.config.Snapshots.Interval == 0:
	case r.nextLogs == nil:
		r.logger.Warn("snapshots::interval has no effect, because snapshots are log records and this receiver is in no logs pipeline",
			zap.Duration("snapshots::interval", r.config.Snapshots.Interval))
	default:
		r.snapshots = every(r.config.Snapshots.Interval, r.snapshot)
	}
}

// snapshot emits snapshots of the open calls of all sessions, without the sessions that are
// busy or not current. After the delivery timeout, the remaining sessions can be left out. All
// refusals are logged in one message, because they usually have one cause.
func (r *cdrReceiver) snapshot(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.deliveryTimeout())
	defer cancel()
	dropped, lastErr := 0, error(nil)
	for _, session := range r.sessions.all() {
		for payload := range r.sessionSnapshots(ctx, session) {
			if err := r.consumeLogs(ctx, payload); err != nil {
				dropped, lastErr = dropped+payload.Len(), err
			}
		}
	}
	if dropped > 0 {
		r.add(ctx, r.telemetry.ReceiverCmsCdrDroppedSnapshots, int64(dropped))
		r.logger.Warn("A pipeline refused snapshots of calls; they are dropped, and the next ones replace them",
			zap.Int("snapshots", dropped), zap.Error(lastErr))
	}
}

// sessionSnapshots yields payloads with the snapshots of one session's calls, none if the
// session is busy or not current. It holds the session's lock only while it copies
// pointers.
func (r *cdrReceiver) sessionSnapshots(ctx context.Context, session *session) iter.Seq[translate.LogsPayload] {
	return func(yield func(translate.LogsPayload) bool) {
		waitCtx, cancel := context.WithTimeout(ctx, snapshotWait)
		defer cancel()
		if session.acquire(waitCtx) != nil {
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

// isCurrent reports whether the session's open entities are open now: its delay is at most
// maxDelay, its last document was accepted since the restart of the collector or the retry
// window has ended, and the session is neither replaced nor late. The session's lock must be
// held.
func (r *cdrReceiver) isCurrent(session *session, now time.Time) bool {
	return session.state.Delay() <= maxDelay && now.Sub(session.refusedAt) >= correlate.RetryWindow && !r.sessions.liveness(session).Restarted
}
