package cmscdrreceiver

import (
	"context"
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
		r.lapse(ctx, one, now)
	}
	for _, one := range r.sessions.prune(now) {
		if r.releaseAll(ctx, one, correlate.Evicted) != nil || r.store.erase(ctx, one) != nil {
			r.sessions.back(one)
		}
	}
}

// lapse closes what is over in one session. One that is busy has its turn at
// another tick.
func (r *cdrReceiver) lapse(ctx context.Context, of *session, now time.Time) {
	waiting, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if of.acquire(waiting) != nil {
		return
	}
	defer of.release()
	fate := r.sessions.fate(of)
	if !of.state.Due(now, fate) {
		_ = r.save(ctx, of) // what could not be saved before; the error is logged there
		return
	}
	// A refusal is logged where it happens.
	_ = r.release(ctx, of, now, func(tx *correlate.Transaction) ([]correlate.Ended, bool) {
		return tx.Lapse(fate, part)
	})
}

// releaseAll closes everything in a session.
func (r *cdrReceiver) releaseAll(ctx context.Context, of *session, why correlate.Reason) error {
	if err := of.acquire(ctx); err != nil {
		return err
	}
	defer of.release()
	return r.release(ctx, of, r.clock(), func(tx *correlate.Transaction) ([]correlate.Ended, bool) {
		return tx.ReleaseAll(why, part)
	})
}

// release closes what choose says, part by part, each delivered and committed.
// The session's turn must be held.
func (r *cdrReceiver) release(ctx context.Context, of *session, now time.Time,
	choose func(*correlate.Transaction) (spans []correlate.Ended, more bool),
) error {
	if of.source == nil {
		return nil // nothing ever came
	}
	ctx, cancel := context.WithTimeout(ctx, r.patience())
	defer cancel()
	for more := true; more; {
		s := r.begin(of, now)
		var spans []correlate.Ended
		spans, more = choose(s.state)
		s.spans(spans)
		if _, err := r.deliver(ctx, s); err != nil {
			return err
		}
		r.commit(ctx, s)
	}
	return r.save(ctx, of)
}

// releaseOpen closes, before the receiver is gone, what it would forget: it was
// acknowledged, and nobody else knows of it.
func (r *cdrReceiver) releaseOpen(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.patience())
	defer cancel()
	for _, one := range append(r.sessions.all(), r.sessions.prune(r.clock())...) {
		if err := r.releaseAll(ctx, one, correlate.Shutdown); err != nil {
			r.logger.Error("What was open at shutdown is lost: no storage keeps it, and the pipelines refuse it",
				zap.String("session", one.id), zap.Int("open", one.state.OpenCount()), zap.Error(err))
		}
	}
}
