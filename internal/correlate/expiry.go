package correlate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// RetryWindow is how long a Call Bridge may take to send the records again after a refusal
// or after a restart of the collector. Until then, or until a document is accepted, a scan
// closes no entity of the session except by eviction, because the records may end it.
// Reservations are held for the same records, and so for the same time.
const RetryWindow = meeting.ReservationLifetime

// Liveness describes whether entities of a session may have ended without an end
// record. The owner of the session provides it.
type Liveness struct {
	// GapAfter reports whether a record with a higher index is missing or unreadable.
	// That may be an end record. Without a gap, an entity without an end record counts as
	// open even after days, unless its call ended or the session is silent: some rooms stay
	// in a call permanently.
	GapAfter func(index uint64) bool
	// Restarted is set if another session replaces this one, or this one is late.
	Restarted bool
	// LastReceived is when the session's last document was received, accepted or not, or
	// when the first record of a new session that replaced it was received, if that is
	// later.
	LastReceived time.Time
}

// Plan lists entities to close without their end records, in order: legs, recordings and
// streamings before the calls, and in each group those whose latest record has the lowest
// index first.
type Plan []planEntry

type planEntry struct {
	key    key
	reason Reason
	// index is that of the latest record about the entity. In the order of evictions it includes,
	// for a call, those about the entities in it.
	index uint64
}

// ScanTime is when PlanExpired next searches the open entities. It searches them earlier if
// the session is silent, if a later transaction has a gap or starts a grace period, or if this
// time is more than Limits.Expire away, because the receiver's clock was set back.
type ScanTime pcommon.Timestamp

// PlanExpired returns the entities that are due at now, and when to scan again after
// they are closed. The cost of a scan is linear in the open entities, so none is done
// before an entity can be due.
func (s *Session) PlanExpired(now time.Time, liveness Liveness) (plan Plan, next ScanTime) {
	at := pcommon.NewTimestampFromTime(now)
	silenceDeadline := s.silenceDeadline(now, liveness)
	nextScan := after(at, s.limits.Expire) // s.nextScan is later only if the receiver's clock was set back
	if len(s.open) == 0 || at < s.nextScan && s.nextScan <= nextScan && at < silenceDeadline {
		return nil, ScanTime(s.nextScan)
	}
	for k, entity := range s.open {
		if reason, deadline := s.expiry(entity, liveness, silenceDeadline, at); deadline > at {
			nextScan = min(nextScan, deadline)
		} else {
			plan = append(plan, planEntry{k, reason, entity.fields().LastIndex})
		}
	}
	if len(plan) > 0 {
		nextScan = min(nextScan, after(at, Grace)) // if a call is superseded, the grace period of the entities in it begins now
	}
	return plan.sorted(), ScanTime(nextScan)
}

// SetNextScan stages the time of the next scan that PlanExpired returned. It must be
// called after all entities of the plan are closed.
func (t *Transaction) SetNextScan(at ScanTime) { t.nextScan = pcommon.Timestamp(at) }

// PlanAll returns a plan that closes all open entities.
func (s *Session) PlanAll(reason Reason) (plan Plan) {
	for k, entity := range s.open {
		index, _ := s.lastActivity(entity)
		plan = append(plan, planEntry{k, reason, index})
	}
	return plan.sorted()
}

// sorted sorts the plan in place and returns it.
func (p Plan) sorted() Plan {
	slices.SortFunc(p, func(a, b planEntry) int {
		if aIsCall := a.key.kind == callKind; aIsCall != (b.key.kind == callKind) {
			if aIsCall {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(a.key.kind, b.key.kind), strings.Compare(a.key.id, b.key.id))
	})
	return p
}

// silenceDeadline returns the time at which all entities are due, if no document of the
// session is received before. It counts the silence by the monotonic clock if the last document
// was received since the receiver started, because the clock can step, such as when the
// collector starts before the time of its machine is synchronized.
func (s *Session) silenceDeadline(now time.Time, liveness Liveness) pcommon.Timestamp {
	limit := s.limits.Expire
	if liveness.Restarted {
		limit = Grace
	}
	silence := now.Sub(liveness.LastReceived)
	return after(pcommon.NewTimestampFromTime(now), limit-silence)
}

// expiry returns the time at which an entity is due if no further record is received,
// and the reason. A grace period that begins far after now ends at once, because the receiver's
// clock was set back since it began; a small step only makes it longer.
func (s *Session) expiry(entity Entity, liveness Liveness, silenceDeadline, now pcommon.Timestamp) (reason Reason, deadline pcommon.Timestamp) {
	reason, deadline = Expired, silenceDeadline
	if liveness.Restarted {
		reason = Restarted
	}
	fields := entity.fields()
	graceEnd := after(fields.GraceBegan, Grace)
	if fields.GraceBegan > after(now, Grace) {
		graceEnd = now
	}
	if fields.GraceBegan != 0 && graceEnd < deadline {
		reason, deadline = CallEnded, graceEnd
		if _, isCall := entity.(*Call); isCall {
			reason = Superseded
		}
	}
	index, lastReceived := s.lastActivity(entity)
	if due := after(lastReceived, s.limits.Expire); due < deadline && liveness.GapAfter(index) {
		reason, deadline = Expired, due
	}
	return reason, deadline
}

// lastActivity returns the highest index of a record about the entity, and when the
// last one was received. For a call this includes records about the open entities that are
// in it now, because they show that the call is open.
func (s *Session) lastActivity(entity Entity) (index uint64, lastReceived pcommon.Timestamp) {
	fields := entity.fields()
	index, lastReceived = fields.LastIndex, fields.LastReceived
	if _, isCall := entity.(*Call); !isCall {
		return index, lastReceived
	}
	for k := range s.byCall[fields.ID] {
		entityInCall := s.open[k].fields()
		index, lastReceived = max(index, entityInCall.LastIndex), max(lastReceived, entityInCall.LastReceived)
	}
	return index, lastReceived
}

// noteLeft stages that the entity leaves its call, because it is closed or is a leg that
// enters another call. From now on the call's own fields show that it was open at the latest
// record about the entity, which can be the record with which it leaves: callEnd usually follows
// the end of the last leg. If callEnd came before that and is lost, the call stays open until its
// session is silent.
func (t *Transaction) noteLeft(entity Entity) {
	if call := t.edit(key{callKind, entity.callID()}); call != nil {
		into, from := call.fields(), entity.fields()
		into.LastIndex, into.LastReceived = max(into.LastIndex, from.LastIndex), max(into.LastReceived, from.LastReceived)
	}
}

// CloseIncomplete closes the planned entities that are still open, and returns them
// with the meetings that end. The result is valid until the transaction is used again.
func (t *Transaction) CloseIncomplete(plan Plan) []EndedEntity {
	t.ended = t.ended[:0]
	for _, entry := range plan {
		if entity := t.edit(entry.key); entity != nil {
			t.closeIncomplete(entity, entry.reason)
		}
	}
	return t.ended
}

// evict closes the oldest entities of a kind, which are those whose latest record has
// the lowest index. It closes several at a time, because the cost of each search is
// linear in the open entities. An entity with a record after the search is skipped.
func (t *Transaction) evict(kind kind) {
	for n := min(t.counts[kind], 1+t.base.limits.MaxOpen/100); n > 0; {
		if len(t.evictionOrder[kind]) == 0 {
			t.evictionOrder[kind] = t.byAge(kind)
		}
		oldest := t.evictionOrder[kind][0]
		t.evictionOrder[kind] = t.evictionOrder[kind][1:]
		if entity := t.get(oldest.key); entity != nil && t.lastActivity(entity) == oldest.index {
			t.closeIncomplete(t.edit(oldest.key), Evicted)
			n--
		}
	}
}

// byAge returns the open entities of a kind, oldest first.
func (t *Transaction) byAge(kind kind) (entities Plan) {
	for k, entity := range t.all() {
		if k.kind == kind {
			entities = append(entities, planEntry{key: k, index: t.lastActivity(entity)})
		}
	}
	return entities.sorted()
}

// lastActivity returns the highest index of a record about the entity, and for a call of those
// about the open entities in it too. Otherwise a call whose legs left it would count as newer than
// one whose legs are still in it.
func (t *Transaction) lastActivity(entity Entity) (index uint64) {
	index = entity.fields().LastIndex
	if call, isCall := entity.(*Call); isCall {
		for k := range t.entitiesIn(call.ID) {
			index = max(index, t.get(k).fields().LastIndex)
		}
	}
	return index
}
