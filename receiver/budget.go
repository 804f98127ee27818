package cmscdrreceiver

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// All sessions share one memory budget. Above it, the receiver closes entities of the
// least senior session early, and evicts that session if this is not enough. A new session
// can therefore never displace a more senior one. There is no limit for each address,
// because all servers behind a load balancer have the same address.

// sessionBytes is the memory of a session that holds nothing yet.
const sessionBytes = 2 << 10

// updateSize updates the session's share of usedBytes. The session's lock must be held.
func (s *sessions) updateSize(session *session) {
	if session.ephemeral {
		return
	}
	size := int64(sessionBytes + session.state.Bytes() + session.tracker.Bytes() + session.uncommitted.bytes())
	s.usedBytes.Add(size - session.bytes.Swap(size))
}

// checkBudget returns errNoMemory if the session must wait until entities are
// closed: usedBytes is above 125 % of the budget, and the sessions that are at least
// as senior, including this one, use more than 125 % too. mu must be held.
func (s *sessions) checkBudget(session *session) error {
	limit := s.budget + min(s.budget/4, math.MaxInt64-s.budget)
	if s.usedBytes.Load() <= limit {
		return nil
	}
	var seniorBytes int64
	for _, other := range s.byID {
		if other.seniority <= session.seniority {
			seniorBytes += other.bytes.Load()
		}
	}
	if seniorBytes <= limit {
		return nil
	}
	return fmt.Errorf("%w: sessions hold %v, and memory::open is %v", errNoMemory, ByteSize(s.usedBytes.Load()), ByteSize(s.budget))
}

// leastSenior returns the session to evict first: the one with the highest seniority
// number, and among equals the one that got no document for the longest time. mu must be
// held.
func (s *sessions) leastSenior() (least *session) {
	for _, session := range s.byID {
		if least == nil || session.seniority > least.seniority || session.seniority == least.seniority && session.lastReceived.Before(least.lastReceived) {
			least = session
		}
	}
	return least
}

// budgetEnforcer ensures that one goroutine at a time closes entities above the budget.
type budgetEnforcer struct{ running sync.Mutex }

// enforceBudget closes entities if the sessions are above the budget, until they are no
// longer above lowWatermark, or until the time for the answer to a document is nearly up. It
// waits for the session of that document, which other documents of the session can always be
// using, but for no other session, because that would delay the answer. documentSession is the
// id of that session; empty in a scan. The caller must not hold the lock of a session.
func (r *cdrReceiver) enforceBudget(ctx context.Context, documentSession string) {
	if r.sessions.usedBytes.Load() <= r.sessions.budget || !r.budgetEnforcer.running.TryLock() {
		return
	}
	defer r.budgetEnforcer.running.Unlock()
	for r.sessions.usedBytes.Load() > r.sessions.lowWatermark() && r.checkTimeLeft(ctx) == nil {
		session, _ := r.sessions.evictionCandidate()
		if session == nil {
			return
		}
		switch err := r.shrinkSession(ctx, session, documentSession); {
		case errors.Is(err, errUnfinished), errors.Is(err, errBusy):
			return // the next document or scan continues, or the one that uses the session when it ends
		case err != nil:
			r.logger.Error("Sessions use more than memory::open, and their entities cannot be closed early; raise memory::open",
				zap.String("session", session.id), zap.Stringer("held", ByteSize(r.sessions.usedBytes.Load())), zap.Error(err))
			return
		}
		if candidate, isOnly := r.sessions.evictionCandidate(); candidate == session && isOnly {
			return
		}
	}
}

// lowWatermark is the size in bytes at which enforceBudget stops. It is below the
// budget, so that searches for entities to close are rare: each one visits all open
// entities of a session.
func (s *sessions) lowWatermark() int64 { return s.budget - s.budget/10 }

// evictionCandidate returns the session to shrink, and whether it is the only one.
func (s *sessions) evictionCandidate() (_ *session, isOnly bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leastSenior(), len(s.byID) == 1
}

// shrinkSession closes entities of the session until all sessions together are no longer
// above lowWatermark, and evicts the session if that is not enough. The only session is not
// evicted. It stops when a less senior session is admitted meanwhile.
func (r *cdrReceiver) shrinkSession(ctx context.Context, session *session, documentSession string) error {
	if err := r.closeOldest(ctx, session, documentSession); err != nil {
		return err
	}
	if candidate, isOnly := r.sessions.evictionCandidate(); candidate != session || isOnly || r.sessions.usedBytes.Load() <= r.sessions.lowWatermark() {
		return nil
	}
	r.logger.Warn("Evicted a session, because sessions use more than memory::open; its records that are sent again are accepted as new. Raise memory::open",
		zap.String("session", session.id), zap.Stringer("memory::open", ByteSize(r.sessions.budget)))
	r.sessions.evictIfPresent(session)
	return r.closeEvicted(ctx, session)
}

// shrinkStep is the number of entities that are closed before usedBytes is compared
// again.
const shrinkStep = 50

// closeOldest closes entities of the session until all sessions together are no longer above
// lowWatermark: first all entities but calls, then the calls, both in the order of the
// latest record about each entity. It returns errBusy if the session is in use and is not that of
// the document, and nil as soon as the session is no longer the one to shrink.
func (r *cdrReceiver) closeOldest(ctx context.Context, session *session, documentSession string) error {
	acquire := session.tryAcquire
	if session.id == documentSession {
		acquire = func() error { return session.acquire(ctx) }
	}
	if err := acquire(); err != nil {
		return err
	}
	defer session.release()
	plan := session.state.PlanAll(correlate.Evicted)
	for len(plan) > 0 && r.sessions.usedBytes.Load() > r.sessions.lowWatermark() {
		if candidate, _ := r.sessions.evictionCandidate(); candidate != session {
			return nil // a less senior session was admitted during the wait for this one, or during a delivery
		}
		if err := r.checkTimeLeft(ctx); err != nil {
			return err
		}
		part := plan[:min(len(plan), shrinkStep)]
		if err := r.closePlanned(ctx, session, part, r.clock()); err != nil {
			return err
		}
		plan = plan[len(part):]
	}
	return nil
}
