package checkpoint

import (
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// Writer tracks what of one session is saved: which slot holds each open entity, and
// what changed since the last save. The session's lock guards it. A new entity uses
// the slot of a closed one if there is any, so there are never more slots than
// entities that were open at the same time.
//
//	s/<session>           the session
//	t/<slot>/<session>    an open entity; slots count from 0
type Writer struct {
	session   string
	slots     map[correlate.Key]int
	free      []int
	slotCount int
	// stale are the slots whose content is unknown, because a failed save may have
	// written it. Those that are not in use are deleted.
	stale map[int]struct{}
	// changed are the entities whose slots are not up to date.
	changed map[correlate.Key]correlate.Entity
	// dirty is set if the saved session is not up to date.
	dirty bool
}

// NewWriter returns the writer of a session that is not saved yet.
func NewWriter(session string) *Writer {
	return &Writer{
		session: session, slots: map[correlate.Key]int{}, stale: map[int]struct{}{},
		changed: map[correlate.Key]correlate.Entity{},
	}
}

// EntityChanged notes that an entity was opened, changed or closed.
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

// SessionChanged notes that the session changed.
func (b *Writer) SessionChanged() { b.dirty = true }

// Dirty reports whether there is something to save.
func (b *Writer) Dirty() bool { return b.dirty }

// Operations returns the operations that save all changes, and sets the session's
// number of slots. It can be called again until MarkSaved.
func (b *Writer) Operations(session *Session) ([]*storage.Operation, error) {
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
	session.Slots = b.slotCount
	value, err := session.Encode()
	if err != nil {
		return nil, err
	}
	return append(operations, storage.SetOperation(sessionKey(b.session), value)), nil
}

// slot returns the slot of the entity, a free one if it has none yet.
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

// MarkSaved notes that the operations succeeded.
func (b *Writer) MarkSaved() {
	clear(b.changed)
	clear(b.stale)
	b.dirty = false
}

// DeleteOperations returns the operations that delete everything of the session.
func (b *Writer) DeleteOperations() []*storage.Operation {
	operations := []*storage.Operation{storage.DeleteOperation(sessionKey(b.session))}
	for slot := range b.slotCount {
		operations = append(operations, storage.DeleteOperation(slotKey(slot, b.session)))
	}
	return operations
}

// sessionOf returns the session that a key belongs to.
func sessionOf(key string) string {
	kind, rest, _ := strings.Cut(key, "/")
	if kind == "t" {
		_, rest, _ = strings.Cut(rest, "/")
	}
	return rest
}

func sessionKey(session string) string { return "s/" + session }

func slotKey(slot int, session string) string { return "t/" + strconv.Itoa(slot) + "/" + session }
