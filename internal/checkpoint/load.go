package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// listKey is the key of the list of saved sessions: their ids. It is needed because
// not every storage can list its keys.
const listKey = "sessions"

// ListOperation returns the operation that saves the list of saved sessions.
func ListOperation(ids []string) (*storage.Operation, error) {
	value, err := encode(ids)
	return storage.SetOperation(listKey, value), err
}

// Loaded is a session as it was saved. Open are its open entities, in the order of
// their slots. Writer has their slots, and no changes.
type Loaded struct {
	*Session
	Open   []correlate.Entity
	Writer *Writer
}

// Unreadable reports a saved value that is missing, cannot be decoded, or contradicts its
// key or another value.
type Unreadable struct {
	Key string
	Err error
}

func (u *Unreadable) Error() string { return fmt.Sprintf("%q: %v", u.Key, u.Err) }

// Load returns all sessions, and the values that cannot be read. It returns an error
// only if the storage does.
func Load(ctx context.Context, client storage.Client) (loaded []*Loaded, unreadable []*Unreadable, _ error) {
	list, err := client.Get(ctx, listKey)
	if err != nil {
		return nil, nil, err
	}
	if list == nil {
		unreadable, err = findUnlisted(ctx, client)
		return nil, unreadable, err
	}
	var ids []string
	if _, err := decode(list, &ids, &ids); err != nil {
		return nil, []*Unreadable{{Key: listKey, Err: err}}, nil
	}
	for _, id := range ids {
		value, err := client.Get(ctx, sessionKey(id))
		switch {
		case err != nil:
			return nil, nil, err
		case value == nil:
			unreadable = append(unreadable, &Unreadable{Key: sessionKey(id), Err: errMissing})
			continue
		}
		session, err := DecodeSession(value)
		if err == nil && session.ID != id {
			err = fmt.Errorf("checkpoint: the value belongs to session %q", session.ID)
		}
		if err != nil {
			unreadable = append(unreadable, &Unreadable{Key: sessionKey(id), Err: err})
			continue
		}
		l := &Loaded{Session: session, Writer: NewWriter(id)}
		unreadableEntities, err := l.loadOpen(ctx, client)
		if err != nil {
			return nil, nil, err
		}
		loaded, unreadable = append(loaded, l), append(unreadable, unreadableEntities...)
	}
	return loaded, unreadable, nil
}

// errMissing reports a value that is missing although other values need it. A session
// and its entry in the list are saved in one batch, so the storage lost the value.
var errMissing = errors.New("checkpoint: the value is missing, although other values need it")

// findUnlisted reports the list as missing if there are other values. It cannot
// detect them in a storage that cannot list its keys.
func findUnlisted(ctx context.Context, client storage.Client) (unreadable []*Unreadable, _ error) {
	walker, isWalker := client.(storage.Walker)
	if !isWalker {
		return nil, nil
	}
	err := walker.Walk(ctx, func(string, []byte) ([]*storage.Operation, error) {
		unreadable = []*Unreadable{{Key: listKey, Err: errMissing}}
		return nil, storage.SkipAll
	})
	return unreadable, err
}

// slotsPerBatch limits the slots that are read in one batch, and so their memory.
const slotsPerBatch = 1000

// loadOpen loads the open entities of the session, and returns those that cannot be
// read.
func (l *Loaded) loadOpen(ctx context.Context, client storage.Client) (unreadable []*Unreadable, _ error) {
	for from := 0; from < l.Slots; from += slotsPerBatch {
		var reads []*storage.Operation
		for slot := from; slot < min(from+slotsPerBatch, l.Slots); slot++ {
			reads = append(reads, storage.GetOperation(slotKey(slot, l.ID)))
		}
		if err := client.Batch(ctx, reads...); err != nil {
			return nil, err
		}
		for i, read := range reads {
			if err := l.addSlot(from+i, read.Value); err != nil {
				unreadable = append(unreadable, &Unreadable{Key: read.Key, Err: err})
			}
		}
	}
	l.Writer.slotCount = l.Slots
	return unreadable, nil
}

// addSlot adds the entity in a slot to the open entities. The slot is free if it is
// empty, cannot be read, or has an entity that is also in an earlier slot.
func (l *Loaded) addSlot(slot int, value []byte) error {
	if value == nil {
		l.Writer.free = append(l.Writer.free, slot)
		return nil
	}
	entity, err := DecodeEntity(value)
	if err != nil {
		l.Writer.free = append(l.Writer.free, slot)
		return err
	}
	key := correlate.KeyOf(entity)
	if other, exists := l.Writer.slots[key]; exists {
		l.Writer.free = append(l.Writer.free, slot)
		return fmt.Errorf("checkpoint: the entity is also in slot %d", other)
	}
	l.Writer.slots[key] = slot
	l.Open = append(l.Open, entity)
	return nil
}

// Sweep deletes unreadable values and leaves only the loaded sessions in the list of saved
// sessions, so that the next start does not report the same values again. If the storage
// can list its keys, Sweep also deletes the values of sessions that were not loaded.
func Sweep(ctx context.Context, client storage.Client, unreadable []*Unreadable, loaded []*Loaded) error {
	operations := make([]*storage.Operation, 0, len(unreadable)+1)
	for _, value := range unreadable {
		operations = append(operations, storage.DeleteOperation(value.Key))
	}
	loadedIDs := map[string]bool{}
	for _, session := range loaded {
		loadedIDs[session.ID] = true
	}
	list, err := ListOperation(slices.Sorted(maps.Keys(loadedIDs)))
	if err != nil {
		return err
	}
	if walker, isWalker := client.(storage.Walker); isWalker {
		err := walker.Walk(ctx, func(key string, _ []byte) ([]*storage.Operation, error) {
			if key == listKey || key == departuresKey || loadedIDs[sessionIDOf(key)] {
				return nil, nil
			}
			return []*storage.Operation{storage.DeleteOperation(key)}, nil
		})
		if err != nil {
			return err // the list is unchanged, so the next start tries again
		}
	}
	return client.Batch(ctx, append(operations, list)...)
}
