package correlate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Abandoned is how long a Call Bridge may take to send again what was refused,
// until its records are taken for lost.
const RetryWindow = meeting.ReservationLifetime

// Fate is what is known of a session beside its records.
type Liveness struct {
	// GapAfter reports whether a record above that index is missing: then an end
	// record may be among them. Without a gap, an entity that has no end is open,
	// for however many days: wards and court rooms stay in calls.
	GapAfter func(index uint64) bool
	// Restarted: its Call Bridge began another session.
	Restarted bool
	// Heard is when its last document was received, accepted or not.
	LastReceived time.Time
}

// Plan is what is to be closed without its end record, in its order: what is in
// calls before the calls, the oldest first.
type Plan []planned

type planned struct {
	key    key
	reason Reason
	index  uint64
}

// Due is when an entity can lapse at the earliest.
type ScanTime pcommon.Timestamp

// Lapsed plans to close what has lapsed as of now, and says when to look again
// once that is done. To look costs as much as is open, so it is not done before
// something can be due.
func (s *Session) PlanExpired(now time.Time, fate Liveness) (plan Plan, next ScanTime) {
	at := pcommon.NewTimestampFromTime(now)
	silent := s.silenceDeadline(fate)
	if len(s.open) == 0 || at < s.nextScan && at < silent {
		return nil, ScanTime(s.nextScan)
	}
	then := after(at, s.limits.Expire)
	for k, entity := range s.open {
		if why, due := s.expiry(entity, fate, silent); due > at {
			then = min(then, due)
		} else {
			plan = append(plan, planned{k, why, entity.fields().LastIndex})
		}
	}
	if len(plan) > 0 {
		then = min(then, after(at, Grace)) // what is in a call that is closed has its grace from now
	}
	return plan.sorted(), ScanTime(then)
}

// LookAgain notes when to look for what has lapsed: what was planned is closed.
func (t *Transaction) SetNextScan(at ScanTime) { t.nextScan = pcommon.Timestamp(at) }

// Everything plans to close all that is open.
func (s *Session) PlanAll(why Reason) (plan Plan) {
	for k, entity := range s.open {
		plan = append(plan, planned{k, why, entity.fields().LastIndex})
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

// silentFrom is from when everything of the session has lapsed, if nothing is
// heard of it.
func (s *Session) silenceDeadline(fate Liveness) pcommon.Timestamp {
	heard := pcommon.NewTimestampFromTime(fate.LastReceived)
	if fate.Restarted {
		return after(heard, Grace)
	}
	return after(heard, s.limits.Expire)
}

// lapse is why and when an entity lapses, if nothing more is heard of it.
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

// lastHeard is the last record about an entity: what is in a call shows the call
// to be open.
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

// Release closes a part of a plan, what of it is still open. The spans are valid
// until the transaction is used again.
func (t *Transaction) CloseIncomplete(part Plan) []EndedEntity {
	t.ended = t.ended[:0]
	for _, planned := range part {
		if entity := t.edit(planned.key); entity != nil {
			t.closeIncomplete(entity, planned.reason)
		}
	}
	return t.ended
}

// evict closes the oldest of a kind, some at a time, as each look for them costs
// as much as is open; an entity that was heard of since is the oldest no longer.
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
