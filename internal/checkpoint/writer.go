package checkpoint

import (
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// Book keeps account of one session's values in the storage: which slot holds
// what is open, and what changed since it was saved. The session's owner guards
// it. A slot that what ended leaves free is taken by what opens next, so there
// are never more than were open at one time.
//
//	s/<session>           the session
//	t/<slot>/<session>    something open, slots from 0
type Writer struct {
	session   string
	slots     map[correlate.Key]int
	free      []int
	slotCount int
	// unsure are slots of which nobody knows what they hold: a save that failed may
	// have written all the same. Those of them that are not used are emptied.
	stale map[int]struct{}
	// changed are those whose slots are not what they should be.
	changed map[correlate.Key]correlate.Entity
	// dirty: the session itself is not what it should be.
	dirty bool
}

// NewBook starts the account of a session of which nothing is saved.
func NewWriter(session string) *Writer {
	return &Writer{
		session: session, slots: map[correlate.Key]int{}, stale: map[int]struct{}{},
		changed: map[correlate.Key]correlate.Entity{},
	}
}

// Change notes that something opened, changed or closed: what it was, and is.
func (b *Writer) EntityChanged(before, after correlate.Entity) {
	b.dirty = true
	if after != nil {
		b.changed[correlate.KeyOf(after)] = after
		return
	}
	k := correlate.KeyOf(before)
	delete(b.changed, k)
	if slot, has := b.slots[k]; has {
		delete(b.slots, k)
		b.free = append(b.free, slot)
		b.stale[slot] = struct{}{}
	}
}

// Touch notes that the session changed.
func (b *Writer) SessionChanged() { b.dirty = true }

// Dirty reports whether there is something to save.
func (b *Writer) Dirty() bool { return b.dirty }

// Operations are what saves all that changed. The session's number of slots is
// set. Until Saved they can be asked for again.
func (b *Writer) Operations(of *Session) ([]*storage.Operation, error) {
	operations := make([]*storage.Operation, 0, 1+len(b.changed)+len(b.stale))
	for k, entity := range b.changed {
		value, err := EncodeEntity(entity)
		if err != nil {
			return nil, err
		}
		operations = append(operations, storage.SetOperation(slotKey(b.slot(k), b.session), value))
	}
	for slot := range b.stale {
		operations = append(operations, storage.DeleteOperation(slotKey(slot, b.session)))
	}
	of.Slots = b.slotCount
	value, err := of.Encode()
	if err != nil {
		return nil, err
	}
	return append(operations, storage.SetOperation(sessionKey(b.session), value)), nil
}

// slot is that of the entity, a free one if it has none yet.
func (b *Writer) slot(k correlate.Key) int {
	slot, has := b.slots[k]
	switch n := len(b.free); {
	case has:
		return slot
	case n > 0:
		slot, b.free = b.free[n-1], b.free[:n-1]
		delete(b.stale, slot)
	default:
		slot = b.slotCount
		b.slotCount++
	}
	b.slots[k] = slot
	return slot
}

// Saved notes that the operations were carried out.
func (b *Writer) MarkSaved() {
	clear(b.changed)
	clear(b.stale)
	b.dirty = false
}

// Erasure are the operations that leave nothing of the session.
func (b *Writer) DeleteOperations() []*storage.Operation {
	operations := []*storage.Operation{storage.DeleteOperation(sessionKey(b.session))}
	for slot := range b.slotCount {
		operations = append(operations, storage.DeleteOperation(slotKey(slot, b.session)))
	}
	return operations
}

// sessionOf is the session that a key belongs to.
func sessionOf(key string) string {
	kind, rest, _ := strings.Cut(key, "/")
	if kind == "t" {
		_, rest, _ = strings.Cut(rest, "/")
	}
	return rest
}

func sessionKey(session string) string { return "s/" + session }

func slotKey(slot int, session string) string { return "t/" + strconv.Itoa(slot) + "/" + session }
