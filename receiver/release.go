package cmscdrreceiver

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// tickInterval is how often is looked for what is over though no record says so.
const tickInterval = 5 * time.Second

// tick closes what is over as of now. What the pipelines refuse stays open, and
// is closed at another tick.
func (r *cdrReceiver) tick(ctx context.Context) {
	now := r.clock()
	for _, one := range r.sessions.all() {
		if ctx.Err() != nil {
			return
		}
		r.lapse(ctx, one, now)
	}
	for _, one := range r.sessions.prune(now) {
		if ctx.Err() == nil {
			_ = r.leave(ctx, one) // what fails is logged where it happens
		}
	}
	r.relieve(ctx)
}

// leave closes and erases a session that is to be forgotten.
func (r *cdrReceiver) leave(ctx context.Context, of *session) error {
	err := r.closeSession(ctx, of, correlate.Evicted)
	if err == nil {
		err = r.erase(ctx, of)
	}
	if err == nil {
		r.sessions.left(of)
	}
	return err
}

// lapse closes what is over in one session. One that is busy has its turn at
// another tick, and so has one whose documents are refused: they may say of what
// looks over that it is not.
func (r *cdrReceiver) lapse(ctx context.Context, of *session, now time.Time) {
	waiting, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if of.acquire(waiting) != nil {
		return
	}
	defer of.release()
	_ = r.save(ctx, of) // what could not be saved before
	if now.Sub(of.refused) < correlate.Abandoned {
		return
	}
	plan, next := of.state.Lapsed(now, r.sessions.fate(of))
	if r.release(ctx, of, plan, now) != nil || of.source == nil {
		return
	}
	looked := of.state.Begin(of.counted().instance, now)
	looked.LookAgain(next)
	looked.Commit()
}

// closeSession closes everything in a session that is gone.
func (r *cdrReceiver) closeSession(ctx context.Context, of *session, why correlate.Reason) error {
	if err := of.acquire(ctx); err != nil {
		return err
	}
	defer of.release()
	return r.releaseEverything(ctx, of, why, r.clock())
}

func (r *cdrReceiver) releaseEverything(ctx context.Context, of *session, why correlate.Reason, now time.Time) error {
	return r.release(ctx, of, of.state.Everything(why), now)
}

// release closes what is planned, part by part, each delivered and committed. The
// session's turn must be held.
func (r *cdrReceiver) release(ctx context.Context, of *session, plan correlate.Plan, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, r.patience())
	defer cancel()
	for len(plan) > 0 {
		s, err := r.take(ctx, work{most: len(plan), stage: func(from, to int) *staged {
			return r.stageRelease(of, plan[from:to], now)
		}})
		if err != nil {
			return err
		}
		plan = plan[s.items:]
	}
	return r.save(ctx, of) // what was closed before and could not be saved too
}

// stageRelease closes entities of the plan until their spans fill a payload.
func (r *cdrReceiver) stageRelease(of *session, plan correlate.Plan, now time.Time) *staged {
	s := r.begin(of, of.counted(), now)
	for len(plan) > 0 && s.items < sliceRecords && s.traces.Size() < translate.MaxPayload/2 {
		few := plan[:min(len(plan), releaseStep)]
		s.spans(s.state.Release(few))
		s.items += len(few)
		plan = plan[len(few):]
	}
	return s
}

// releaseStep is how many entities are closed between two looks at the size.
const releaseStep = 10

// releaseOpen closes, before the receiver is gone, what it would forget: it was
// acknowledged, and nobody else knows of it.
func (r *cdrReceiver) releaseOpen(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.patience())
	defer cancel()
	for _, one := range r.sessions.remaining() {
		if err := r.closeSession(ctx, one, correlate.Shutdown); err != nil {
			r.logger.Error("What was open at shutdown is lost: no storage keeps it, and the pipelines refuse it",
				zap.String("session", one.id), zap.Int("open", one.state.OpenCount()), zap.Error(err))
		}
	}
}
