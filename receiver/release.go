package cmscdrreceiver

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// part is how many spans are released at a time: a payload that any pipeline can
// take.
const part = 1000

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
		if ctx.Err() == nil && r.closeSession(ctx, one, correlate.Evicted) == nil && r.erase(ctx, one) == nil {
			r.sessions.left(one)
		}
	}
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
	for some := range slices.Chunk(plan, part) {
		s := r.begin(of, of.counted(), now)
		s.spans(s.state.Release(some))
		if err := r.handOn(ctx, s); err != nil {
			return err
		}
	}
	return r.save(ctx, of) // what was closed before and could not be saved too
}

// handOn delivers what was closed, and only then is it.
func (r *cdrReceiver) handOn(ctx context.Context, s *staged) error {
	ctx, cancel := context.WithTimeout(ctx, r.patience())
	defer cancel()
	if _, err := r.deliver(ctx, s); err != nil {
		s.state.Drop()
		return err
	}
	r.commit(ctx, s)
	return nil
}

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
