package correlate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// RetryWindow is how long a Call Bridge may take to send refused records again. After
// it they are considered lost. It equals the lifetime of reservations, which are held
// for the same records.
const RetryWindow = meeting.ReservationLifetime

// Liveness is what is known about a session besides its records.
type Liveness struct {
	// GapAfter reports whether a record above that index is missing, which may be an
	// end record. Without a gap, an entity without an end record is open, even for
	// days: wards and court rooms stay in calls.
	GapAfter func(index uint64) bool
	// Restarted is set if the Call Bridge began another session.
	Restarted bool
	// LastReceived is when the session's last document was received, accepted or not.
	LastReceived time.Time
}

// Plan lists entities to close without their end records, in order: entities in calls
// before the calls, oldest first.
type Plan []planned

type planned struct {
	key    key
	reason Reason
	index  uint64
}

// ScanTime is when the next entity can be due, at the earliest.
type ScanTime pcommon.Timestamp

// PlanExpired returns the entities that are due at now, and when to scan again after
// they are closed. A scan costs as much as there are open entities, so none is done
// before an entity can be due.
func (s *Session) PlanExpired(now time.Time, fate Liveness) (plan Plan, next ScanTime) {
	at := pcommon.NewTimestampFromTime(now)
	silent := s.silenceDeadline(fate)
	if len(s.open) == 0 || at < s.nextScan && at < silent {
		return nil, ScanTime(s.nextScan)
	}
	nextScan := after(at, s.limits.Expire)
	for k, entity := range s.open {
		if reason, due := s.expiry(entity, fate, silent); due > at {
			nextScan = min(nextScan, due)
		} else {
			plan = append(plan, planned{k, reason, entity.fields().LastIndex})
		}
	}
	if len(plan) > 0 {
		nextScan = min(nextScan, after(at, Grace)) // entities in a closed call get their grace period from now
	}
	return plan.sorted(), ScanTime(nextScan)
}

// SetNextScan sets the time of the next scan, after the planned entities were closed.
func (t *Transaction) SetNextScan(at ScanTime) { t.nextScan = pcommon.Timestamp(at) }

// PlanAll returns all open entities.
func (s *Session) PlanAll(reason Reason) (plan Plan) {
	for k, entity := range s.open {
		plan = append(plan, planned{k, reason, entity.fields().LastIndex})
	}
	return plan.sorted()
}

func (p Plan) sorted() Plan {
	slices.SortFunc(p, func(a, b planned) int {
		if aCalls, bCalls := a.key.kind == callKind, b.key.kind == callKind; aCalls != bCalls {
			if aCalls {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(a.key.kind, b.key.kind), strings.Compare(a.key.id, b.key.id))
	})
	return p
}

// silenceDeadline returns when all entities are due if no document of the session is
// received until then.
func (s *Session) silenceDeadline(fate Liveness) pcommon.Timestamp {
	heard := pcommon.NewTimestampFromTime(fate.LastReceived)
	if fate.Restarted {
		return after(heard, Grace)
	}
	return after(heard, s.limits.Expire)
}

// expiry returns why and when an entity is due if no further record is received.
func (s *Session) expiry(entity Entity, fate Liveness, silent pcommon.Timestamp) (Reason, pcommon.Timestamp) {
	reason, deadline := Expired, silent
	if fate.Restarted {
		reason = Restarted
	}
	fields := entity.fields()
	if due := after(fields.OrphanedAt, Grace); fields.OrphanedAt != 0 && due < deadline {
		reason, deadline = CallEnded, due
		if _, isCall := entity.(*Call); isCall {
			reason = Superseded
		}
	}
	index, heard := s.lastActivity(entity)
	if due := after(heard, s.limits.Expire); due < deadline && fate.GapAfter(index) {
		reason, deadline = Expired, due
	}
	return reason, deadline
}

// lastActivity returns the index and the receipt of the last record about an entity.
// A record about an entity in a call shows that the call is open.
func (s *Session) lastActivity(entity Entity) (index uint64, heard pcommon.Timestamp) {
	fields := entity.fields()
	index, heard = fields.LastIndex, fields.LastReceived
	if _, isCall := entity.(*Call); !isCall {
		return index, heard
	}
	for k := range s.byCall[fields.ID] {
		inside := s.open[k].fields()
		index, heard = max(index, inside.LastIndex), max(heard, inside.LastReceived)
	}
	return index, heard
}

// CloseIncomplete closes the planned entities that are still open. The result is
// valid until the transaction is used again.
func (t *Transaction) CloseIncomplete(part Plan) []EndedEntity {
	t.ended = t.ended[:0]
	for _, planned := range part {
		if entity := t.edit(planned.key); entity != nil {
			t.closeIncomplete(entity, planned.reason)
		}
	}
	return t.ended
}

// evict closes the oldest entities of a kind. It closes several at a time, because
// each search for them costs as much as there are open. An entity with a newer record
// is no longer among the oldest.
func (t *Transaction) evict(kind kind) {
	for n := min(t.counts[kind], 1+t.base.limits.MaxOpen/100); n > 0; {
		if len(t.evictionOrder[kind]) == 0 {
			t.evictionOrder[kind] = t.oldest(kind)
		}
		victim := t.evictionOrder[kind][0]
		t.evictionOrder[kind] = t.evictionOrder[kind][1:]
		if entity := t.get(victim.key); entity != nil && entity.fields().LastIndex == victim.index {
			t.closeIncomplete(t.edit(victim.key), Evicted)
			n--
		}
	}
}

func (t *Transaction) oldest(kind kind) (all Plan) {
	for k, entity := range t.all() {
		if k.kind == kind {
			all = append(all, planned{key: k, index: entity.fields().LastIndex})
		}
	}
	return all.sorted()
}
