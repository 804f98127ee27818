package correlate

import (
	"iter"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Transaction is what the records of a document, or the time, would change in a
// session. Dropped, nothing has happened.
type Transaction struct {
	base *Session
	// now is when the document was received.
	now pcommon.Timestamp
	// source is the Call Bridge that the session is of.
	source string
	// changed lies over what is open: nil is closed.
	changed map[key]Thing
	counts  [kinds]int
	named   map[alias]string
	// entered are the things that entered a call, by the call's GUID; some have
	// left it again.
	entered map[string][]key
	gone    []departed
	goneAt  map[key]int
	left    []meeting.Departure
	// abandoned are calls that were never accepted, and are in meetings no more.
	abandoned []meeting.Call
	// victims are what can be evicted, the oldest first, as last looked for.
	victims [kinds]Plan
	latest  pcommon.Timestamp
	highest uint64
	// check asks for an earlier look for what is due.
	check pcommon.Timestamp
	// gap: records turned out to be missing.
	gap   bool
	ended []Ended
}

// Begin starts a transaction over the session, which must not change until the
// transaction is committed or dropped. The source is the Call Bridge, now the
// receiver's time.
func (s *Session) Begin(source string, now time.Time) *Transaction {
	return &Transaction{base: s, source: source, now: pcommon.NewTimestampFromTime(now), counts: s.counts, latest: s.latest, highest: s.highest, check: s.check}
}

// get returns what is open by that key, or nil. It must not be changed.
func (t *Transaction) get(k key) Thing {
	if thing, ok := t.changed[k]; ok {
		return thing
	}
	return t.base.open[k]
}

// edit returns what is open by that key to be changed, or nil.
func (t *Transaction) edit(k key) Thing {
	if thing, ok := t.changed[k]; ok {
		return thing
	}
	thing := t.base.open[k]
	if thing == nil {
		return nil
	}
	thing = thing.copied()
	k.id = thing.common().ID // not the record's, which is a part of the whole body
	t.put(k, thing)
	return thing
}

func (t *Transaction) put(k key, thing Thing) {
	if t.changed == nil {
		t.changed = make(map[key]Thing, 4)
	}
	t.changed[k] = thing
}

// about returns what the record is about, to be changed, and whether the record
// is a late one, older than another about the same. What it is about is opened
// if it was not, unless it is over: then it is returned for what it is, and
// nothing of it is kept.
func (t *Transaction) about(of kind, record *cdr.Record, fresh func(Common) Thing) (thing Thing, late bool) {
	k := key{of, record.ID}
	thing = t.edit(k)
	if thing == nil {
		k.id = strings.Clone(record.ID)
		thing = fresh(Common{ID: k.id})
		if over, how := t.over(k, record); over {
			how.restore(thing)
			return thing, true
		}
		t.open(k, thing)
	}
	common := thing.common()
	common.Heard = t.now
	if late = record.CorrelatorIndex < common.Index; !late {
		common.Index = record.CorrelatorIndex
	}
	common.Extra = common.Extra.with(record)
	return thing, late
}

// open puts something new into the state. Beyond the limit the oldest go first.
func (t *Transaction) open(k key, thing Thing) {
	if how := t.wasHere(k); how != nil {
		how.restore(thing)
	}
	if t.counts[k.kind] >= t.base.limits.MaxOpen {
		t.evict(k.kind)
	}
	t.put(k, thing)
	t.counts[k.kind]++
	if thing.in() != "" {
		t.enters(thing)
	}
}

// isOpen reports whether the thing is kept, and not only looked at.
func (t *Transaction) isOpen(thing Thing) bool { return t.get(keyOf(thing)) == thing }

// all yields what is open, in no order.
func (t *Transaction) all() iter.Seq2[key, Thing] {
	return func(yield func(key, Thing) bool) {
		for k, thing := range t.changed {
			if thing != nil && !yield(k, thing) {
				return
			}
		}
		for k, thing := range t.base.open {
			if _, changed := t.changed[k]; !changed && !yield(k, thing) {
				return
			}
		}
	}
}

// within yields what is open in the call, some of it twice.
func (t *Transaction) within(callID string) iter.Seq[key] {
	return func(yield func(key) bool) {
		for k := range t.base.within[callID] {
			if thing := t.get(k); thing != nil && thing.in() == callID && !yield(k) {
				return
			}
		}
		for _, k := range t.entered[callID] {
			if thing := t.get(k); thing != nil && thing.in() == callID && !yield(k) {
				return
			}
		}
	}
}

// enters notes that something open is in another call than before.
func (t *Transaction) enters(thing Thing) {
	if t.isOpen(thing) {
		if t.entered == nil {
			t.entered = map[string][]key{}
		}
		t.entered[thing.in()] = append(t.entered[thing.in()], keyOf(thing))
	}
}

// Changes yields what each changed thing was and will be: nil where it is not
// open.
func (t *Transaction) Changes() iter.Seq2[Thing, Thing] {
	return func(yield func(before, after Thing) bool) {
		for k, after := range t.changed {
			if before := t.base.open[k]; (before != nil || after != nil) && !yield(before, after) {
				return
			}
		}
	}
}

// Commit makes the transaction's changes the session's own.
func (t *Transaction) Commit() {
	s := t.base
	for k, after := range t.changed {
		s.replace(k, after)
	}
	for as, id := range t.named {
		if hasName(s.open[key{as.kind(), id}], as) {
			s.named[as] = id
		}
	}
	s.counts, s.latest, s.highest, s.check = t.counts, t.latest, t.highest, t.check
	if t.gap {
		s.check = 0
	}
	t.forgetAbandoned()
	s.leave(t.left)
	for _, how := range t.gone {
		s.gone.add(how)
		if how.key.kind == aLeg && !how.trace.IsEmpty() {
			s.meetings.LegEnded(how.key.id, how.trace)
		}
	}
}

// Gap notes that records turned out to be missing.
func (t *Transaction) Gap() { t.gap = true }
