package correlate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Abandoned is how long a Call Bridge may take to send again what was refused,
// until its records are taken for lost.
const Abandoned = 10 * time.Minute

// Fate is what is known of a session beside its records.
type Fate struct {
	// GapAfter reports whether a record above that index is missing: then an end
	// record may be among them. Without a gap, what has no end is open, for
	// however many days: wards and court rooms stay in calls.
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

// Lapsed plans to close what is over as of now. To look costs as much as is open,
// so it is not done before something can be due.
func (s *Session) Lapsed(now time.Time, fate Fate) (plan Plan) {
	at := pcommon.NewTimestampFromTime(now)
	silent := s.silentFrom(fate)
	if len(s.open) == 0 || at < s.check && at < silent {
		return nil
	}
	s.check = after(at, s.limits.Expire)
	for k, thing := range s.open {
		if why, due := s.lapse(thing, fate, silent); due > at {
			s.check = min(s.check, due)
		} else {
			plan = append(plan, planned{k, why, thing.common().Index})
		}
	}
	return plan.sorted()
}

// LookAgain lets Lapsed look as soon as it is asked: what it planned was not done.
func (s *Session) LookAgain() { s.check = 0 }

// Everything plans to close all that is open.
func (s *Session) Everything(why Reason) (plan Plan) {
	for k, thing := range s.open {
		plan = append(plan, planned{k, why, thing.common().Index})
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

// silentFrom is from when everything of the session is over, if nothing is heard
// of it.
func (s *Session) silentFrom(fate Fate) pcommon.Timestamp {
	heard := pcommon.NewTimestampFromTime(fate.Heard)
	if fate.Restarted {
		return after(heard, Grace)
	}
	return after(heard, s.limits.Expire)
}

// lapse is why and when something is over, if nothing more is heard of it.
func (s *Session) lapse(thing Thing, fate Fate, silent pcommon.Timestamp) (Reason, pcommon.Timestamp) {
	why, at := Expired, silent
	if fate.Restarted {
		why = Restarted
	}
	of := thing.common()
	if due := after(of.Orphaned, Grace); of.Orphaned != 0 && due < at {
		why, at = CallEnded, due
		if _, isCall := thing.(*Call); isCall {
			why = Superseded
		}
	}
	index, heard := s.lastHeard(thing)
	if due := after(heard, s.limits.Expire); due < at && fate.GapAfter(index) {
		why, at = Expired, due
	}
	return why, at
}

// lastHeard is the last record about something: what is in a call shows the call
// to be open.
func (s *Session) lastHeard(thing Thing) (index uint64, heard pcommon.Timestamp) {
	of := thing.common()
	index, heard = of.Index, of.Heard
	if _, isCall := thing.(*Call); !isCall {
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
		if thing := t.edit(one.key); thing != nil {
			t.release(thing, one.why)
		}
	}
	return t.ended
}

// HasAbandoned reports whether there is something for Abandon.
func (s *Session) HasAbandoned(now time.Time) bool {
	return len(s.meetings.Abandoned(s.id, pcommon.NewTimestampFromTime(now.Add(-Abandoned)))) > 0
}

// Abandon takes calls out of their meetings whose starts were told of and lost,
// as nobody told them again for a while; with all, those too that may come. What
// others told is the meeting then. The spans are those of meetings that end with
// it.
func (t *Transaction) Abandon(all bool) []Ended {
	t.ended = t.ended[:0]
	before := t.now - pcommon.Timestamp(Abandoned)
	if all {
		before = t.now + 1
	}
	for _, of := range t.base.meetings.Abandoned(t.base.id, before) {
		if left := t.base.meetings.Leave(of, 0); left.Shared && left.Last && left.End != 0 {
			t.closeMeeting(left, Expired, &Meeting{})
		}
		t.abandoned = append(t.abandoned, of)
	}
	return t.ended
}

// evict closes the oldest of a kind, some at a time, as each look for them costs
// as much as is open; what was heard of since the look is older no longer.
func (t *Transaction) evict(of kind) {
	for n := min(t.counts[of], 1+t.base.limits.MaxOpen/100); n > 0; {
		if len(t.victims[of]) == 0 {
			t.victims[of] = t.oldest(of)
		}
		victim := t.victims[of][0]
		t.victims[of] = t.victims[of][1:]
		if thing := t.get(victim.key); thing != nil && thing.common().Index == victim.index {
			t.release(t.edit(victim.key), Evicted)
			n--
		}
	}
}

func (t *Transaction) oldest(of kind) (all Plan) {
	for k, thing := range t.all() {
		if k.kind == of {
			all = append(all, planned{key: k, index: thing.common().Index})
		}
	}
	return all.sorted()
}

// forgetAbandoned ends the memberships that Abandon found.
func (t *Transaction) forgetAbandoned() {
	for _, of := range t.abandoned {
		t.base.meetings.Forget(of)
	}
}
