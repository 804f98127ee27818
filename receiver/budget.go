package cmscdrreceiver

import (
	"context"
	"fmt"
	"sync"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// All sessions share one budget of memory. Beyond it the session that was first heard
// of last gives way: what is open in it is closed early, the oldest first, and then
// the session is forgotten. So nobody who comes new takes the place of one who was
// there before. Addresses say nothing: a load balancer gives all servers one.

// sessionBytes is what a session holds in memory by itself.
const sessionBytes = 2 << 10

// measure notes what the session holds. Its turn must be held.
func (s *sessions) measure(of *session) {
	if of.fleeting {
		return
	}
	now := int64(sessionBytes + of.state.Bytes() + of.tracker.Bytes() + of.uncommitted.bytes())
	s.held.Add(now - of.bytes.Swap(now))
}

// hasRoomFor returns errNoMemory where the session must wait until what is open was
// closed: past the budget and a quarter of it, if those before it leave it nothing.
// The lock must be held.
func (s *sessions) hasRoomFor(of *session) error {
	most := s.budget + s.budget/4
	if s.held.Load() <= most {
		return nil
	}
	var before int64
	for _, other := range s.byID {
		if other.place <= of.place {
			before += other.bytes.Load()
		}
	}
	if before <= most {
		return nil
	}
	return fmt.Errorf("%w: sessions hold %v, and memory::open is %v", errNoMemory, ByteSize(s.held.Load()), ByteSize(s.budget))
}

// junior is the session that gives way: of those known, the one that was first heard
// of last. The lock must be held.
func (s *sessions) junior() (last *session) {
	for _, of := range s.byID {
		if last == nil || of.place > last.place || of.place == last.place && of.heard.Before(last.heard) {
			last = of
		}
	}
	return last
}

// relief closes early what is open beyond the budget, in one goroutine at a time.
type relief struct{ running sync.Mutex }

// relieve brings what sessions hold below the budget, with some room to spare. No
// session's turn may be held.
func (r *cdrReceiver) relieve(ctx context.Context) {
	if r.sessions.held.Load() <= r.sessions.budget || !r.relief.running.TryLock() {
		return
	}
	defer r.relief.running.Unlock()
	for r.sessions.held.Load() > r.sessions.enough() {
		of, only := r.sessions.next()
		if of == nil {
			return
		}
		if err := r.shrink(ctx, of, only); err != nil {
			r.logger.Error("Sessions hold more than memory::open, and what is open cannot be closed early: raise memory::open",
				zap.String("session", of.id), zap.Stringer("held", ByteSize(r.sessions.held.Load())), zap.Error(err))
			return
		}
		if only {
			return
		}
	}
}

// enough is what relieve ends at: looking for what to close costs as much as is open.
func (s *sessions) enough() int64 { return s.budget - s.budget/10 }

// next is the session to shrink, and whether it is the only one.
func (s *sessions) next() (_ *session, only bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.junior(), len(s.byID) == 1
}

// shrink closes what is open in the session until all hold little enough, and forgets
// the session if that does not help.
func (r *cdrReceiver) shrink(ctx context.Context, of *session, only bool) error {
	if err := r.closeOldest(ctx, of); err != nil {
		return err
	}
	if only || r.sessions.held.Load() <= r.sessions.enough() {
		return nil
	}
	r.logger.Warn("A session is forgotten, as sessions hold more than memory::open: its records are taken for new ones if they come again",
		zap.String("session", of.id), zap.Stringer("memory::open", ByteSize(r.sessions.budget)))
	r.sessions.evict(of)
	return r.leave(ctx, of)
}

// closeStep is how many are closed between two looks at what is held.
const closeStep = 50

// closeOldest closes what is open in the session, the oldest first.
func (r *cdrReceiver) closeOldest(ctx context.Context, of *session) error {
	if err := of.acquire(ctx); err != nil {
		return err
	}
	defer of.release()
	plan := of.state.Everything(correlate.Evicted)
	for len(plan) > 0 && r.sessions.held.Load() > r.sessions.enough() {
		some := plan[:min(len(plan), closeStep)]
		if err := r.release(ctx, of, some, r.clock()); err != nil {
			return err
		}
		plan = plan[len(some):]
	}
	return nil
}
