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
func (s *sessions) updateSize(session *session) {
	if session.ephemeral {
		return
	}
	now := int64(sessionBytes + session.state.Bytes() + session.tracker.Bytes() + session.uncommitted.bytes())
	s.usedBytes.Add(now - session.bytes.Swap(now))
}

// hasRoomFor returns errNoMemory where the session must wait until what is open was
// closed: past the budget and a quarter of it, if those before it leave it nothing.
// The lock must be held.
func (s *sessions) checkBudget(session *session) error {
	most := s.budget + s.budget/4
	if s.usedBytes.Load() <= most {
		return nil
	}
	var before int64
	for _, other := range s.byID {
		if other.seniority <= session.seniority {
			before += other.bytes.Load()
		}
	}
	if before <= most {
		return nil
	}
	return fmt.Errorf("%w: sessions hold %v, and memory::open is %v", errNoMemory, ByteSize(s.usedBytes.Load()), ByteSize(s.budget))
}

// junior is the session that gives way: of those known, the one that was first heard
// of last. The lock must be held.
func (s *sessions) leastSenior() (last *session) {
	for _, session := range s.byID {
		if last == nil || session.seniority > last.seniority || session.seniority == last.seniority && session.lastReceived.Before(last.lastReceived) {
			last = session
		}
	}
	return last
}

// relief closes early what is open beyond the budget, in one goroutine at a time.
type budgetEnforcer struct{ running sync.Mutex }

// relieve brings what sessions hold below the budget, with some room to spare. No
// session's turn may be held.
func (r *cdrReceiver) enforceBudget(ctx context.Context) {
	if r.sessions.usedBytes.Load() <= r.sessions.budget || !r.budgetEnforcer.running.TryLock() {
		return
	}
	defer r.budgetEnforcer.running.Unlock()
	for r.sessions.usedBytes.Load() > r.sessions.lowWatermark() {
		session, only := r.sessions.evictionCandidate()
		if session == nil {
			return
		}
		if err := r.shrinkSession(ctx, session, only); err != nil {
			r.logger.Error("Sessions hold more than memory::open, and what is open cannot be closed early: raise memory::open",
				zap.String("session", session.id), zap.Stringer("held", ByteSize(r.sessions.usedBytes.Load())), zap.Error(err))
			return
		}
		if only {
			return
		}
	}
}

// enough is what relieve ends at: looking for what to close costs as much as is open.
func (s *sessions) lowWatermark() int64 { return s.budget - s.budget/10 }

// next is the session to shrink, and whether it is the only one.
func (s *sessions) evictionCandidate() (_ *session, only bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leastSenior(), len(s.byID) == 1
}

// shrink closes what is open in the session until all hold little enough, and forgets
// the session if that does not help.
func (r *cdrReceiver) shrinkSession(ctx context.Context, session *session, only bool) error {
	if err := r.closeOldest(ctx, session); err != nil {
		return err
	}
	if only || r.sessions.usedBytes.Load() <= r.sessions.lowWatermark() {
		return nil
	}
	r.logger.Warn("A session is forgotten, as sessions hold more than memory::open: its records are taken for new ones if they come again",
		zap.String("session", session.id), zap.Stringer("memory::open", ByteSize(r.sessions.budget)))
	r.sessions.evictIfPresent(session)
	return r.closeEvicted(ctx, session)
}

// closeStep is how many are closed between two looks at what is held.
const shrinkStep = 50

// closeOldest closes what is open in the session, the oldest first.
func (r *cdrReceiver) closeOldest(ctx context.Context, session *session) error {
	if err := session.acquire(ctx); err != nil {
		return err
	}
	defer session.release()
	plan := session.state.PlanAll(correlate.Evicted)
	for len(plan) > 0 && r.sessions.usedBytes.Load() > r.sessions.lowWatermark() {
		some := plan[:min(len(plan), shrinkStep)]
		if err := r.closePlanned(ctx, session, some, r.clock()); err != nil {
			return err
		}
		plan = plan[len(some):]
	}
	return nil
}
