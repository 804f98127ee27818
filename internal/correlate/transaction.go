package correlate

import (
	"iter"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Transaction stages the changes of records, or of a scan, in a session. It ends with
// Commit or Drop. A dropped transaction changes nothing, except that calls keep their
// reservations in meetings for a while.
type Transaction struct {
	base *Session
	// now is when the document was received, or the time of the scan.
	now pcommon.Timestamp
	// source is the instance of the session's source.
	source   string
	meetings *meeting.Transaction
	// changed holds the changed entities; nil means closed.
	changed map[key]Entity
	counts  [kindCount]int
	aliases map[alias]string
	// entered has the entities that entered a call, by the call's GUID. Some may have
	// left it again.
	entered     map[string][]key
	closed      []closedEntity
	closedIndex map[key]int
	departures  []meeting.Departure
	// evictionOrder has the entities to evict, oldest first, as of the last search.
	evictionOrder [kindCount]Plan
	latestTime    pcommon.Timestamp
	highestIndex  uint64
	// latestReceived is when the record with the highest index was received.
	latestReceived pcommon.Timestamp
	// nextScan is when to scan for due entities.
	nextScan pcommon.Timestamp
	// gap is set when records are missing.
	gap   bool
	ended []EndedEntity
}

// Begin starts a transaction. The session must not change until the transaction is
// committed or dropped. The source is the instance of the session's source, now the
// receiver's time.
func (s *Session) Begin(source string, now time.Time) *Transaction {
	return s.BeginIn(new(Transaction), source, now)
}

// BeginIn is Begin with the memory of a transaction that ended, or of a new one.
func (s *Session) BeginIn(t *Transaction, source string, now time.Time) *Transaction {
	t.reset()
	at := pcommon.NewTimestampFromTime(now)
	t.base, t.source, t.now, t.meetings = s, source, at, s.meetings.Begin(s.id, source, at)
	t.counts, t.latestTime, t.highestIndex, t.latestReceived, t.nextScan = s.counts, s.latestTime, s.highestIndex, s.latestReceived, s.nextScan
	return t
}

// keptChanges is the number of changes up to which the memory of a transaction is
// reused. Clearing a map costs as much as it ever had entries.
const keptChanges = 64

// reset clears the transaction for reuse.
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

// get returns the open entity of that key, or nil. The entity must not be changed.
func (t *Transaction) get(k key) Entity {
	if entity, ok := t.changed[k]; ok {
		return entity
	}
	return t.base.open[k]
}

// edit returns a copy of the open entity that may be changed, or nil.
func (t *Transaction) edit(k key) Entity {
	if entity, ok := t.changed[k]; ok {
		return entity
	}
	entity := t.base.open[k]
	if entity == nil {
		return nil
	}
	entity = entity.clone()
	k.id = entity.fields().ID // the record's id keeps the whole body in memory
	t.put(k, entity)
	return entity
}

func (t *Transaction) put(k key, entity Entity) {
	if t.changed == nil {
		t.changed = make(map[key]Entity, 4)
	}
	t.changed[k] = entity
}

// entityFor returns the entity of the record, which may be changed, and whether the
// record is late, that is, older than another one about the same entity. An entity
// that is not open is opened, unless it ended; then it is returned as it was and not
// kept.
func (t *Transaction) entityFor(kind kind, record *cdr.Record, newEntity func(EntityFields) Entity) (entity Entity, late bool) {
	k := key{kind, record.ID}
	entity = t.edit(k)
	if entity == nil {
		k.id = strings.Clone(record.ID)
		entity = newEntity(EntityFields{ID: k.id})
		nothing, closed := t.staysClosed(k, record)
		closed.restorePosition(entity)
		if nothing {
			return entity, true
		}
		t.open(k, entity)
	}
	return entity, entity.fields().observe(record, t.now)
}

// open adds a new entity. At the limit the oldest ones are evicted first.
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

// isOpen reports whether the entity is kept. entityFor returns closed entities too.
func (t *Transaction) isOpen(entity Entity) bool { return t.get(keyOf(entity)) == entity }

// all yields the open entities in no order.
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

// entitiesIn yields the open entities in the call, some of them twice.
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

// noteEntered notes that an open entity is in another call than before.
func (t *Transaction) noteEntered(entity Entity) {
	if t.isOpen(entity) {
		if t.entered == nil {
			t.entered = map[string][]key{}
		}
		t.entered[entity.callID()] = append(t.entered[entity.callID()], keyOf(entity))
	}
}

// NoteGap notes that records are missing.
func (t *Transaction) NoteGap() { t.gap = true }

// Changes yields each changed entity before and after the transaction; nil if it is
// not open.
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
