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
const Abandoned = meeting.Reserved

// Fate is what is known of a session beside its records.
type Fate struct {
	// GapAfter reports whether a record above that index is missing: then an end
	// record may be among them. Without a gap, an entity that has no end is open,
	// for however many days: wards and court rooms stay in calls.
	GapAfter func(index uint64) bool
	// Restarted: its Call Bridge began another session.
	Restarted bool
	// Heard is when its last document was received, accepted or not.
	Heard time.Time
}

// Plan is what is to be closed without its end record, in its order: what is in
// calls before the calls, the oldest first.
type Plan []planned

type planned struct {
	key   key
	why   Reason
	index uint64
}

// Due is when an entity can lapse at the earliest.
type Due pcommon.Timestamp

// Lapsed plans to close what has lapsed as of now, and says when to look again
// once that is done. To look costs as much as is open, so it is not done before
// something can be due.
func (s *Session) Lapsed(now time.Time, fate Fate) (plan Plan, next Due) {
	at := pcommon.NewTimestampFromTime(now)
	silent := s.silentFrom(fate)
	if len(s.open) == 0 || at < s.due && at < silent {
		return nil, Due(s.due)
	}
	then := after(at, s.limits.Expire)
	for k, entity := range s.open {
		if why, due := s.lapse(entity, fate, silent); due > at {
			then = min(then, due)
		} else {
			plan = append(plan, planned{k, why, entity.common().Index})
		}
	}
	if len(plan) > 0 {
		then = min(then, after(at, Grace)) // what is in a call that is closed has its grace from now
	}
	return plan.sorted(), Due(then)
}

// LookAgain notes when to look for what has lapsed: what was planned is closed.
func (t *Transaction) LookAgain(at Due) { t.due = pcommon.Timestamp(at) }

// Everything plans to close all that is open.
func (s *Session) Everything(why Reason) (plan Plan) {
	for k, entity := range s.open {
		plan = append(plan, planned{k, why, entity.common().Index})
	}
	return plan.sorted()
}

func (p Plan) sorted() Plan {
	slices.SortFunc(p, func(a, b planned) int {
		if aCalls, bCalls := a.key.kind == aCall, b.key.kind == aCall; aCalls != bCalls {
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
func (s *Session) silentFrom(fate Fate) pcommon.Timestamp {
	heard := pcommon.NewTimestampFromTime(fate.Heard)
	if fate.Restarted {
		return after(heard, Grace)
	}
	return after(heard, s.limits.Expire)
}

// lapse is why and when an entity lapses, if nothing more is heard of it.
func (s *Session) lapse(entity Entity, fate Fate, silent pcommon.Timestamp) (Reason, pcommon.Timestamp) {
	why, at := Expired, silent
	if fate.Restarted {
		why = Restarted
	}
	of := entity.common()
	if due := after(of.Orphaned, Grace); of.Orphaned != 0 && due < at {
		why, at = CallEnded, due
		if _, isCall := entity.(*Call); isCall {
			why = Superseded
		}
	}
	index, heard := s.lastHeard(entity)
	if due := after(heard, s.limits.Expire); due < at && fate.GapAfter(index) {
		why, at = Expired, due
	}
	return why, at
}

// lastHeard is the last record about an entity: what is in a call shows the call
// to be open.
func (s *Session) lastHeard(entity Entity) (index uint64, heard pcommon.Timestamp) {
	of := entity.common()
	index, heard = of.Index, of.Heard
	if _, isCall := entity.(*Call); !isCall {
		return index, heard
	}
	for k := range s.within[of.ID] {
		inside := s.open[k].common()
		index, heard = max(index, inside.Index), max(heard, inside.Heard)
	}
	return index, heard
}

// Release closes a part of a plan, what of it is still open. The spans are valid
// until the transaction is used again.
func (t *Transaction) Release(part Plan) []Ended {
	t.ended = t.ended[:0]
	for _, one := range part {
		if entity := t.edit(one.key); entity != nil {
			t.release(entity, one.why)
		}
	}
	return t.ended
}

// evict closes the oldest of a kind, some at a time, as each look for them costs
// as much as is open; an entity that was heard of since is the oldest no longer.
func (t *Transaction) evict(of kind) {
	for n := min(t.counts[of], 1+t.base.limits.MaxOpen/100); n > 0; {
		if len(t.victims[of]) == 0 {
			t.victims[of] = t.oldest(of)
		}
		victim := t.victims[of][0]
		t.victims[of] = t.victims[of][1:]
		if entity := t.get(victim.key); entity != nil && entity.common().Index == victim.index {
			t.release(t.edit(victim.key), Evicted)
			n--
		}
	}
}

func (t *Transaction) oldest(of kind) (all Plan) {
	for k, entity := range t.all() {
		if k.kind == of {
			all = append(all, planned{key: k, index: entity.common().Index})
		}
	}
	return all.sorted()
}
