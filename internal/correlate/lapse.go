package correlate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// abandoned is how long a Call Bridge may take to send again what was refused,
// until its records are taken for lost.
const abandoned = 10 * time.Minute

// Fate is what is known of a session beside its records.
type Fate struct {
	// GapAfter reports whether a record above that index is missing: then an end
	// record may be among them. Without a gap, what has no end is open, for
	// however many days: wards and court rooms stay in calls.
	GapAfter func(index uint64) bool
	// Restarted: its Call Bridge began another session.
	Restarted bool
}

// Due reports whether there may be something for Lapse to close.
func (s *Session) Due(now time.Time, fate Fate) bool {
	at := pcommon.NewTimestampFromTime(now)
	if len(s.meetings.Abandoned(s.id, at-pcommon.Timestamp(abandoned))) > 0 {
		return true
	}
	return len(s.open) > 0 && (at >= s.check || at >= s.silentFrom(fate))
}

// silentFrom is from when everything of the session is over, if nothing is heard
// of it.
func (s *Session) silentFrom(fate Fate) pcommon.Timestamp {
	if fate.Restarted {
		return after(s.heard, Grace)
	}
	return after(s.heard, s.limits.Expire)
}

// Lapse closes what is over though no end record came, at most so many things,
// and says whether there is more. The spans are valid until the transaction is
// used again.
func (t *Transaction) Lapse(fate Fate, most int) (spans []Ended, more bool) {
	due := map[key]Reason{}
	t.check = after(t.now, t.base.limits.Expire)
	for k, thing := range t.all() {
		if why, at := t.lapse(thing, fate); at > t.now {
			t.lookAt(at)
		} else {
			due[k] = why
		}
	}
	if more = t.releaseAll(due, most); more {
		t.check = t.now
	}
	for _, of := range t.base.meetings.Abandoned(t.base.id, t.now-pcommon.Timestamp(abandoned)) {
		t.abandon(of)
	}
	return t.ended, more
}

// ReleaseAll closes everything, at most so many things, and says whether there
// is more.
func (t *Transaction) ReleaseAll(why Reason, most int) (spans []Ended, more bool) {
	all := map[key]Reason{}
	for k := range t.all() {
		all[k] = why
	}
	more = t.releaseAll(all, most)
	for _, of := range t.base.meetings.Abandoned(t.base.id, t.now+1) {
		t.abandon(of)
	}
	return t.ended, more
}

// lapse is why and when something is over, if nothing more is heard of it.
func (t *Transaction) lapse(thing Thing, fate Fate) (Reason, pcommon.Timestamp) {
	why, at := Expired, t.base.silentFrom(fate)
	if fate.Restarted {
		why = Restarted
	}
	of := thing.common()
	if due := after(of.Orphaned, Grace); of.Orphaned != 0 && due < at {
		why, at = CallEnded, due
	}
	index, heard := t.lastHeard(thing)
	if due := after(heard, t.base.limits.Expire); due < at && fate.GapAfter(index) {
		why, at = Expired, due
	}
	return why, at
}

// lastHeard is the last record about something: what is in a call shows the call
// to be open.
func (t *Transaction) lastHeard(thing Thing) (index uint64, heard pcommon.Timestamp) {
	of := thing.common()
	index, heard = of.Index, of.Heard
	if _, isCall := thing.(*Call); !isCall {
		return index, heard
	}
	for _, k := range t.within(of.ID) {
		inside := t.get(k).common()
		index, heard = max(index, inside.Index), max(heard, inside.Heard)
	}
	return index, heard
}

// releaseAll closes things, what is in calls before the calls, at most so many,
// and says whether there are more.
func (t *Transaction) releaseAll(why map[key]Reason, most int) bool {
	t.ended = t.ended[:0]
	var inside, calls []key
	for k := range why {
		if k.kind == aCall {
			calls = append(calls, k)
		} else {
			inside = append(inside, k)
		}
	}
	t.sort(inside)
	t.sort(calls)
	all := append(inside, calls...)
	for _, k := range all[:min(most, len(all))] {
		t.release(t.edit(k), why[k])
	}
	return len(all) > most
}

// evict closes the oldest of a kind, some at a time: each look for them costs as
// much as is open.
func (t *Transaction) evict(of kind) {
	var all []key
	for k := range t.all() {
		if k.kind == of {
			all = append(all, k)
		}
	}
	t.sort(all)
	for _, k := range all[:min(len(all), 1+t.base.limits.MaxOpen/100)] {
		t.release(t.edit(k), Evicted)
	}
}

// abandon takes a call out of its meeting whose start was told of and lost. What
// others told is the meeting then.
func (t *Transaction) abandon(of meeting.Call) {
	if left := t.base.meetings.Leave(of, 0); left.Shared && left.Last && left.End != 0 {
		t.closeMeeting(left, Expired, &Meeting{})
	}
	t.put(key{aCall, of.ID}, nil)
}
