package correlate

import (
	"iter"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Transaction stages the changes to a session by records or by the closing of entities.
// It ends with Commit or Drop. A dropped transaction changes nothing, except that calls keep
// their reservations in meetings for meeting.ReservationLifetime.
type Transaction struct {
	base *Session
	// now is when the document was received, or when the entities are closed.
	now pcommon.Timestamp
	// source is the instance of the session's source.
	source   string
	meetings *meeting.Transaction
	// changed holds the changed entities; a nil entity is closed.
	changed map[key]Entity
	counts  [kindCount]int
	aliases map[alias]string
	// entered holds the entities that entered a call, by the call's GUID. Some may have
	// left it again.
	entered map[string][]key
	closed  []closedEntity
	// closedPositions holds the positions in closed.
	closedPositions map[key]int
	departures      []meeting.Departure
	// evictionOrder holds the entities that remain from the last search of evict, oldest
	// first.
	evictionOrder [kindCount]Plan
	latestTime    pcommon.Timestamp
	highestIndex  uint64
	// latestReceived is when the record with the highest index was received.
	latestReceived pcommon.Timestamp
	// nextScan replaces that of the session at the commit, unless gap is set.
	nextScan pcommon.Timestamp
	// gap is set if records are missing or unreadable.
	gap bool
	// ended lists what the current record or plan closed.
	ended []EndedEntity
}

// Begin starts a transaction. The session must not change until the transaction is
// committed or dropped. source is the instance of the session's source, and now is the
// time by the clock of the receiver.
func (s *Session) Begin(source string, now time.Time) *Transaction {
	return s.BeginIn(new(Transaction), source, now)
}

// BeginIn is Begin, but reuses the memory of t, a transaction that ended or a new one.
func (s *Session) BeginIn(t *Transaction, source string, now time.Time) *Transaction {
	t.reset()
	at := pcommon.NewTimestampFromTime(now)
	t.base, t.source, t.now, t.meetings = s, source, at, s.meetings.Begin(s.id, source, at)
	t.meetings.SetProgress(s.progress)
	t.counts, t.latestTime, t.highestIndex, t.latestReceived, t.nextScan = s.counts, s.latestTime, s.highestIndex, s.latestReceived, s.nextScan
	return t
}

// maxReused limits the changes of a transaction whose memory is reused. The cost of
// clearing a map grows with the highest number of entries that it ever had.
const maxReused = 64

// reset clears the transaction for reuse.
func (t *Transaction) reset() {
	if len(t.changed) > maxReused || cap(t.closed) > maxReused || cap(t.ended) > maxReused {
		*t = Transaction{}
		return
	}
	clear(t.changed)
	clear(t.aliases)
	clear(t.entered)
	clear(t.closed)
	clear(t.closedPositions)
	clear(t.ended[:cap(t.ended)])
	*t = Transaction{
		changed: t.changed, aliases: t.aliases, entered: t.entered,
		closed: t.closed[:0], closedPositions: t.closedPositions, ended: t.ended[:0],
	}
}

// get returns the open entity with that key, or nil. The entity must not be changed.
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
	k.id = entity.fields().ID // record.ID would keep the whole document in memory
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
// record is late, that is, older than another one about the same entity. An entity that
// is not open is opened, unless it must stay closed; then the returned entity is not kept,
// and the record counts as late. In both cases the entity gets the call and the trace that
// it had when it was closed, if that is remembered. At the limit evict closes other entities
// before this one is opened, unless the record is an end record.
func (t *Transaction) entityFor(kind kind, record *cdr.Record, newEntity func(EntityFields) Entity) (entity Entity, late bool) {
	k := key{kind, record.ID}
	entity = t.edit(k)
	if entity == nil {
		k.id = strings.Clone(record.ID)
		entity = newEntity(EntityFields{ID: k.id})
		stays, closed := t.staysClosed(k, record)
		closed.restoreCallAndTrace(entity)
		if stays {
			return entity, true
		}
		if t.counts[kind] >= t.base.limits.MaxOpen && !isEnd(record) {
			t.evict(kind)
		}
		t.open(k, entity)
	}
	return entity, entity.fields().observe(record, t.now)
}

// open adds a new entity.
func (t *Transaction) open(k key, entity Entity) {
	t.put(k, entity)
	t.counts[k.kind]++
	if entity.callID() != "" {
		t.noteEntered(entity)
		t.resetGrace(entity) // it is opened again, and its call may have ended meanwhile
	}
}

// isOpen reports whether the entity is open. entityFor also returns closed entities.
func (t *Transaction) isOpen(entity Entity) bool { return t.get(keyOf(entity)) == entity }

// all yields the open entities in unspecified order.
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

// entitiesIn yields the keys of the open entities in the call, some of them several times.
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

// noteEntered stages that the entity entered its call. If the entity is not open, nothing
// changes.
func (t *Transaction) noteEntered(entity Entity) {
	if t.isOpen(entity) {
		if t.entered == nil {
			t.entered = map[string][]key{}
		}
		t.entered[entity.callID()] = append(t.entered[entity.callID()], keyOf(entity))
	}
}

// NoteGap stages that records are missing or unreadable. The next scan is then due at
// once.
func (t *Transaction) NoteGap() { t.gap = true }

// Changes yields each changed entity as it was before the transaction, and as it is
// after; nil if it was not or is not open. It must be used before the commit.
func (t *Transaction) Changes() iter.Seq2[Entity, Entity] {
	return func(yield func(before, after Entity) bool) {
		for k, after := range t.changed {
			if before := t.base.open[k]; (before != nil || after != nil) && !yield(before, after) {
				return
			}
		}
	}
}

// Drop ends the transaction without a commit.
func (t *Transaction) Drop() { t.meetings.Drop() }
