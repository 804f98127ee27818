package checkpoint

import (
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// Writer tracks the saved state of one session: which slot holds each open entity, and
// what changed since the last save. The session's lock guards it. A new entity uses a
// free slot if there is one, so the number of slots does not exceed the highest number
// of entities that were open at the same time. The keys are:
//
//	s/<session>           the session
//	t/<slot>/<session>    an open entity; slots count from 0
type Writer struct {
	sessionID string
	// slots has the slot of each open entity that has one. free are all other slots below
	// slotCount.
	slots     map[correlate.Key]int
	free      []int
	slotCount int
	// stale are the free slots whose entities were closed since the last save. The storage may
	// still have their values; the next save deletes them.
	stale map[int]struct{}
	// changed are the open entities that changed since the last save.
	changed map[correlate.Key]correlate.Entity
	// dirty is set if anything changed since the last save.
	dirty bool
}

// NewWriter returns the writer of a session that is not saved yet.
func NewWriter(sessionID string) *Writer {
	return &Writer{
		sessionID: sessionID, slots: map[correlate.Key]int{}, stale: map[int]struct{}{},
		changed: map[correlate.Key]correlate.Entity{},
	}
}

// EntityChanged notes that an entity was opened (before is nil), changed, or closed (after
// is nil). The writer holds the new state, after, until the next save succeeds.
func (w *Writer) EntityChanged(before, after correlate.Entity) {
	w.dirty = true
	if after != nil {
		w.changed[correlate.KeyOf(after)] = after
		return
	}
	key := correlate.KeyOf(before)
	delete(w.changed, key)
	if slot, exists := w.slots[key]; exists {
		delete(w.slots, key)
		w.free = append(w.free, slot)
		w.stale[slot] = struct{}{}
	}
}

// SessionChanged notes that the session changed.
func (w *Writer) SessionChanged() { w.dirty = true }

// Dirty reports whether there is something to save.
func (w *Writer) Dirty() bool { return w.dirty }

// Operations returns the operations that save all changes, and sets the session's
// number of slots. If they fail, it can be called again. An error reports a value that
// cannot be encoded.
func (w *Writer) Operations(session *Session) ([]*storage.Operation, error) {
	operations := make([]*storage.Operation, 0, 1+len(w.changed)+len(w.stale))
	for key, entity := range w.changed {
		value, err := EncodeEntity(entity)
		if err != nil {
			return nil, err
		}
		operations = append(operations, storage.SetOperation(slotKey(w.slot(key), w.sessionID), value))
	}
	for slot := range w.stale {
		operations = append(operations, storage.DeleteOperation(slotKey(slot, w.sessionID)))
	}
	session.Slots = w.slotCount
	value, err := session.Encode()
	if err != nil {
		return nil, err
	}
	return append(operations, storage.SetOperation(sessionKey(w.sessionID), value)), nil
}

// slot returns the slot of the entity. If it has none, it gets a free or a new one.
func (w *Writer) slot(key correlate.Key) int {
	slot, exists := w.slots[key]
	switch n := len(w.free); {
	case exists:
		return slot
	case n > 0:
		slot, w.free = w.free[n-1], w.free[:n-1]
		delete(w.stale, slot)
	default:
		slot = w.slotCount
		w.slotCount++
	}
	w.slots[key] = slot
	return slot
}

// MarkSaved notes that the storage has executed the operations.
func (w *Writer) MarkSaved() {
	clear(w.changed)
	clear(w.stale)
	w.dirty = false
}

// DeleteOperations returns the operations that delete the session and all its slots.
func (w *Writer) DeleteOperations() []*storage.Operation {
	operations := []*storage.Operation{storage.DeleteOperation(sessionKey(w.sessionID))}
	for slot := range w.slotCount {
		operations = append(operations, storage.DeleteOperation(slotKey(slot, w.sessionID)))
	}
	return operations
}

// sessionIDOf returns the id of the session that a key belongs to.
func sessionIDOf(key string) string {
	kind, rest, _ := strings.Cut(key, "/")
	if kind == "t" {
		_, rest, _ = strings.Cut(rest, "/")
	}
	return rest
}

func sessionKey(sessionID string) string { return "s/" + sessionID }

func slotKey(slot int, sessionID string) string { return "t/" + strconv.Itoa(slot) + "/" + sessionID }
