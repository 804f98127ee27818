package cmscdrreceiver

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// tickInterval is how often is looked for what is over though no record says so.
const scanInterval = 5 * time.Second

// tick closes what is over as of now. What the pipelines refuse stays open, and
// is closed at another tick.
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
			_ = r.closeEvicted(ctx, session) // what fails is logged where it happens
		}
	}
	r.enforceBudget(ctx)
}

// leave closes and erases a session that is to be forgotten.
func (r *cdrReceiver) closeEvicted(ctx context.Context, session *session) error {
	err := r.closeSession(ctx, session, correlate.Evicted)
	if err == nil {
		err = r.erase(ctx, session)
	}
	if err == nil {
		r.sessions.removeEvicted(session)
	}
	return err
}

// lapse closes what is over in one session. One that is busy has its turn at
// another tick, and so has one whose documents are refused: they may say of what
// looks over that it is not.
func (r *cdrReceiver) expire(ctx context.Context, session *session, now time.Time) {
	waiting, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if session.acquire(waiting) != nil {
		return
	}
	defer session.release()
	_ = r.save(ctx, session) // what could not be saved before
	if now.Sub(session.refusedAt) < correlate.RetryWindow {
		return
	}
	plan, next := session.state.PlanExpired(now, r.sessions.liveness(session))
	if r.closePlanned(ctx, session, plan, now) != nil || session.source == nil {
		return
	}
	looked := session.state.Begin(session.metricsSource().instance, now)
	looked.SetNextScan(next)
	looked.Commit()
}

// closeSession closes everything in a session that is gone.
func (r *cdrReceiver) closeSession(ctx context.Context, session *session, why correlate.Reason) error {
	if err := session.acquire(ctx); err != nil {
		return err
	}
	defer session.release()
	return r.closeAll(ctx, session, why, r.clock())
}

func (r *cdrReceiver) closeAll(ctx context.Context, session *session, why correlate.Reason, now time.Time) error {
	return r.closePlanned(ctx, session, session.state.PlanAll(why), now)
}

// release closes what is planned, part by part, each delivered and committed. The
// session's turn must be held.
func (r *cdrReceiver) closePlanned(ctx context.Context, session *session, plan correlate.Plan, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, r.deliveryTimeout())
	defer cancel()
	for len(plan) > 0 {
		s, err := r.run(ctx, work{limit: len(plan), stage: func(from, to int) *staged {
			return r.stageClosing(session, plan[from:to], now)
		}})
		if err != nil {
			return err
		}
		plan = plan[s.items:]
	}
	return r.save(ctx, session) // what was closed before and could not be saved too
}

// stageRelease closes entities of the plan until their spans fill a payload.
func (r *cdrReceiver) stageClosing(session *session, plan correlate.Plan, now time.Time) *staged {
	s := r.newTransaction(session, session.metricsSource(), now)
	for len(plan) > 0 && s.items < sliceRecords && s.traces.Size() < translate.MaxPayload/2 {
		few := plan[:min(len(plan), closingStep)]
		s.spans(s.state.CloseIncomplete(few))
		s.items += len(few)
		plan = plan[len(few):]
	}
	return s
}

// releaseStep is how many entities are closed between two looks at the size.
const closingStep = 10

// releaseOpen closes, before the receiver is gone, what it would forget: it was
// acknowledged, and nobody else knows of it.
func (r *cdrReceiver) closeAtShutdown(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.deliveryTimeout())
	defer cancel()
	for _, session := range r.sessions.withEvicted() {
		if err := r.closeSession(ctx, session, correlate.Shutdown); err != nil {
			r.logger.Error("What was open at shutdown is lost: no storage keeps it, and the pipelines refuse it",
				zap.String("session", session.id), zap.Int("open", session.state.OpenCount()), zap.Error(err))
		}
	}
}
