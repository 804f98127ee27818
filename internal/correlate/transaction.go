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
// session. It ends with Commit or Drop. Dropped, nothing has happened, but that
// calls keep their places in meetings for a while.
type Transaction struct {
	base *Session
	// now is when the document was received.
	now pcommon.Timestamp
	// source is the Call Bridge that the session is of.
	source   string
	meetings *meeting.Transaction
	// changed lies over what is open: nil is closed.
	changed map[key]Entity
	counts  [kindCount]int
	aliases map[alias]string
	// entered are the entities that entered a call, by the call's GUID; some have
	// left it again.
	entered     map[string][]key
	closed      []closedEntity
	closedIndex map[key]int
	departures  []meeting.Departure
	// victims are what can be evicted, the oldest first, as last looked for.
	evictionOrder [kindCount]Plan
	latestTime    pcommon.Timestamp
	highestIndex  uint64
	// received is when the record with the highest index was.
	latestReceived pcommon.Timestamp
	// due is when to look for what has lapsed.
	nextScan pcommon.Timestamp
	// gap: records turned out to be missing.
	gap   bool
	ended []EndedEntity
}

// Begin starts a transaction over the session, which must not change until the
// transaction is committed or dropped. The source is the Call Bridge, now the receiver's time.
func (s *Session) Begin(source string, now time.Time) *Transaction {
	return s.BeginIn(new(Transaction), source, now)
}

// BeginIn is Begin in the memory of a transaction that ended, or is new.
func (s *Session) BeginIn(t *Transaction, source string, now time.Time) *Transaction {
	t.reset()
	at := pcommon.NewTimestampFromTime(now)
	t.base, t.source, t.now, t.meetings = s, source, at, s.meetings.Begin(s.id, source, at)
	t.counts, t.latestTime, t.highestIndex, t.latestReceived, t.nextScan = s.counts, s.latestTime, s.highestIndex, s.latestReceived, s.nextScan
	return t
}

// keptChanges is how many changes a transaction may have made for its memory to be
// kept: to clear a map costs as much as was ever in it.
const keptChanges = 64

// reset forgets all, so that another transaction can begin in the memory.
func (t *Transaction) reset() {
	if len(t.changed) > keptChanges || cap(t.closed) > keptChanges || cap(t.ended) > keptChanges {
		*t = Transaction{}
		return
	}
	clear(t.changed)
	clear(t.aliases)
	clear(t.entered)
	clear(t.closed)
	clear(t.closedIndex)
	clear(t.ended[:cap(t.ended)])
	*t = Transaction{
		changed: t.changed, aliases: t.aliases, entered: t.entered,
		closed: t.closed[:0], closedIndex: t.closedIndex, ended: t.ended[:0],
	}
}

// get returns the open entity of that key, or nil. It must not be changed.
func (t *Transaction) get(k key) Entity {
	if entity, ok := t.changed[k]; ok {
		return entity
	}
	return t.base.open[k]
}

// edit returns the open entity of that key to be changed, or nil.
func (t *Transaction) edit(k key) Entity {
	if entity, ok := t.changed[k]; ok {
		return entity
	}
	entity := t.base.open[k]
	if entity == nil {
		return nil
	}
	entity = entity.clone()
	k.id = entity.fields().ID // not the record's, which is a part of the whole body
	t.put(k, entity)
	return entity
}

func (t *Transaction) put(k key, entity Entity) {
	if t.changed == nil {
		t.changed = make(map[key]Entity, 4)
	}
	t.changed[k] = entity
}

// about returns the entity that the record is about, to be changed, and whether
// the record is a late one, older than another about the same. The entity is
// opened if it was not, unless it ended: then it is returned for what it was, and
// nothing of it is kept.
func (t *Transaction) entityFor(kind kind, record *cdr.Record, newEntity func(EntityFields) Entity) (entity Entity, late bool) {
	k := key{kind, record.ID}
	entity = t.edit(k)
	if entity == nil {
		k.id = strings.Clone(record.ID)
		entity = newEntity(EntityFields{ID: k.id})
		nothing, as := t.staysClosed(k, record)
		as.restorePosition(entity)
		if nothing {
			return entity, true
		}
		t.open(k, entity)
	}
	return entity, entity.fields().observe(record, t.now)
}

// open puts a new entity into the state. Beyond the limit the oldest go first.
func (t *Transaction) open(k key, entity Entity) {
	if t.counts[k.kind] >= t.base.limits.MaxOpen {
		t.evict(k.kind)
	}
	t.put(k, entity)
	t.counts[k.kind]++
	if entity.callID() != "" {
		t.noteEntered(entity)
	}
}

// isOpen reports whether the entity is kept, and not only looked at.
func (t *Transaction) isOpen(entity Entity) bool { return t.get(keyOf(entity)) == entity }

// all yields what is open, in no order.
func (t *Transaction) all() iter.Seq2[key, Entity] {
	return func(yield func(key, Entity) bool) {
		for k, entity := range t.changed {
			if entity != nil && !yield(k, entity) {
				return
			}
		}
		for k, entity := range t.base.open {
			if _, changed := t.changed[k]; !changed && !yield(k, entity) {
				return
			}
		}
	}
}

// within yields what is open in the call, some of it twice.
func (t *Transaction) entitiesIn(callID string) iter.Seq[key] {
	return func(yield func(key) bool) {
		for k := range t.base.byCall[callID] {
			if entity := t.get(k); entity != nil && entity.callID() == callID && !yield(k) {
				return
			}
		}
		for _, k := range t.entered[callID] {
			if entity := t.get(k); entity != nil && entity.callID() == callID && !yield(k) {
				return
			}
		}
	}
}

// enters notes that an open entity is in another call than before.
func (t *Transaction) noteEntered(entity Entity) {
	if t.isOpen(entity) {
		if t.entered == nil {
			t.entered = map[string][]key{}
		}
		t.entered[entity.callID()] = append(t.entered[entity.callID()], keyOf(entity))
	}
}

// Gap notes that records turned out to be missing.
func (t *Transaction) NoteGap() { t.gap = true }

// Changes yields what each changed entity was and will be: nil where it is not
// open.
func (t *Transaction) Changes() iter.Seq2[Entity, Entity] {
	return func(yield func(before, after Entity) bool) {
		for k, after := range t.changed {
			if before := t.base.open[k]; (before != nil || after != nil) && !yield(before, after) {
				return
			}
		}
	}
}

// Drop ends a transaction that was refused.
func (t *Transaction) Drop() { t.meetings.Drop() }
