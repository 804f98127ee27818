package cmscdrreceiver

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// scanInterval is how often sessions are scanned for entities to close without an end
// record.
const scanInterval = 5 * time.Second

// scan closes the entities that are due now and those of evicted sessions, evicts the
// sessions that were silent for too long, and enforces the budget. Entities whose spans the
// pipelines refuse for now stay open until a later scan.
func (r *cdrReceiver) scan(ctx context.Context) {
	now := r.clock()
	for _, session := range r.sessions.all() {
		if ctx.Err() != nil {
			return
		}
		r.expire(ctx, session, now)
	}
	for _, session := range r.sessions.prune(now) {
		if ctx.Err() == nil {
			_ = r.closeEvicted(ctx, session) // refusals are logged where they occur, and the next scan continues
		}
	}
	r.enforceBudget(ctx, "")
}

// closeEvicted closes the entities of an evicted session and deletes what is saved of
// it. It does nothing if another goroutine has done so. It returns errBusy if the session is
// in use; the next scan tries again.
func (r *cdrReceiver) closeEvicted(ctx context.Context, session *session) error {
	if err := session.tryAcquire(); err != nil {
		return err
	}
	defer session.release()
	if !r.sessions.isEvicted(session) {
		return nil
	}
	if err := r.closeAll(ctx, session, correlate.Evicted, r.clock()); err != nil {
		return err
	}
	if err := r.erase(ctx, session); err != nil {
		return err
	}
	r.sessions.removeEvicted(session)
	return nil
}

// expire closes the due entities of one session. It leaves a busy session to the next
// scan. After a refused document or a restart of the collector it closes nothing until the
// retry window ends or a document is accepted, because the resend may have the end records.
// It also repeats a save that failed.
func (r *cdrReceiver) expire(ctx context.Context, session *session, now time.Time) {
	waitCtx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if session.acquire(waitCtx) != nil {
		return
	}
	defer session.release()
	_ = r.save(ctx, session) // after an earlier failure
	if now.Sub(session.refusedAt) < correlate.RetryWindow {
		return
	}
	plan, next := session.state.PlanExpired(now, r.sessions.liveness(session))
	if r.closePlanned(ctx, session, plan, now) != nil || session.source == nil {
		return
	}
	tx := session.state.Begin(session.metricsSource().instance, now)
	tx.SetNextScan(next)
	tx.Commit()
}

// closeAll closes all entities of the session. The session's lock must be held.
func (r *cdrReceiver) closeAll(ctx context.Context, session *session, reason correlate.Reason, now time.Time) error {
	return r.closePlanned(ctx, session, session.state.PlanAll(reason), now)
}

// closePlanned closes the planned entities in parts, each delivered and committed, and saves
// the session, also if a part is refused. It returns errUnfinished if the time is nearly up
// before the last part. The session's lock must be held.
func (r *cdrReceiver) closePlanned(ctx context.Context, session *session, plan correlate.Plan, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, r.deliveryTimeout())
	defer cancel()
	for len(plan) > 0 {
		measured := false
		s, err := r.run(ctx, work{limit: len(plan), stage: func(from, to int) *staged {
			s := r.stageClosing(session, plan[from:to], now, measured)
			measured = true
			return s
		}})
		if err != nil {
			return errors.Join(err, r.save(ctx, session))
		}
		if plan = plan[s.items:]; len(plan) == 0 {
			break
		}
		if err := r.checkTimeLeft(ctx); err != nil {
			return errors.Join(err, r.save(ctx, session))
		}
	}
	return r.save(ctx, session) // also after an earlier failure
}

// stageClosing stages the closing of the first entities of the plan: about sliceItems,
// or fewer if their spans fill half a payload. If measured is set, the plan is a part of a
// work whose number of items is determined, and stageClosing stages all of it.
func (r *cdrReceiver) stageClosing(session *session, plan correlate.Plan, now time.Time, measured bool) *staged {
	s := r.newTransaction(session, session.metricsSource(), now)
	for len(plan) > 0 && (measured || s.items < sliceItems && s.traces.Size() < translate.MaxPayload/2) {
		part := plan[:min(len(plan), closingStep)]
		s.stageSpans(s.state.CloseIncomplete(part))
		s.items += len(part)
		plan = plan[len(part):]
	}
	return s
}

// closingStep is the number of entities that are closed before the size is compared
// again.
const closingStep = 10

// closeAtShutdown closes the open entities of a receiver without storage. Their
// records were acknowledged, so Meeting Server does not have them any more.
func (r *cdrReceiver) closeAtShutdown(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.deliveryTimeout())
	defer cancel()
	for _, session := range r.sessions.withEvicted() {
		r.closeSessionAtShutdown(ctx, session)
	}
}

// closeSessionAtShutdown closes all entities of a session before the receiver stops, and
// logs an error if they are lost.
func (r *cdrReceiver) closeSessionAtShutdown(ctx context.Context, session *session) {
	if err := session.acquire(ctx); err != nil {
		r.logger.Error("Lost the entities that were open at shutdown, because storage is not set and the session is busy", zap.Error(err))
		return
	}
	defer session.release()
	err := r.closeAll(ctx, session, correlate.Shutdown, r.clock())
	for errors.Is(err, errUnfinished) { // no scan continues, and each attempt closes a part
		err = r.closeAll(ctx, session, correlate.Shutdown, r.clock())
	}
	if err != nil {
		r.logger.Error("Lost the entities that were open at shutdown, because storage is not set and the pipelines refused their spans",
			zap.String("session", session.id), zap.Int("open", session.state.OpenCount()), zap.Error(err))
	}
}
