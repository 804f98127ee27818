package checkpoint

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// indexKey holds the ids of all sessions, because a storage need not be able to list
// its keys.
const indexKey = "sessions"

// IndexOperation saves the list of sessions.
func IndexOperation(ids []string) (*storage.Operation, error) {
	value, err := encode(ids)
	return storage.SetOperation(indexKey, value), err
}

// Loaded is a session as it was saved.
type Loaded struct {
	*Session
	Open   []correlate.Entity
	Writer *Writer
}

// Unreadable is a saved value that cannot be decoded.
type Unreadable struct {
	Key string
	Err error
}

func (u *Unreadable) Error() string { return fmt.Sprintf("%q: %v", u.Key, u.Err) }

// Load returns all sessions, and the values that cannot be read. An error is one of
// the storage itself.
func Load(ctx context.Context, client storage.Client) (all []*Loaded, lost []*Unreadable, _ error) {
	index, err := client.Get(ctx, indexKey)
	if err != nil {
		return nil, nil, err
	}
	if index == nil {
		lost, err = findUnindexed(ctx, client)
		return nil, lost, err
	}
	var ids []string
	if _, err := decode(index, &ids, &ids); err != nil {
		return nil, []*Unreadable{{Key: indexKey, Err: err}}, nil
	}
	for _, id := range ids {
		value, err := client.Get(ctx, sessionKey(id))
		switch {
		case err != nil:
			return nil, nil, err
		case value == nil:
			lost = append(lost, &Unreadable{Key: sessionKey(id), Err: errMissing})
			continue
		}
		session, err := DecodeSession(value)
		if err == nil && session.ID != id {
			err = fmt.Errorf("checkpoint: the value belongs to session %q", session.ID)
		}
		if err != nil {
			lost = append(lost, &Unreadable{Key: sessionKey(id), Err: err})
			continue
		}
		loaded := &Loaded{Session: session, Writer: NewWriter(id)}
		bad, err := loaded.loadOpen(ctx, client)
		if err != nil {
			return nil, nil, err
		}
		all, lost = append(all, loaded), append(lost, bad...)
	}
	return all, lost, nil
}

// errMissing reports a value that is missing although others refer to it. A session
// and its entry in the index are saved together, so the storage lost it.
var errMissing = errors.New("checkpoint: the value is missing, although others refer to it")

// findUnindexed checks whether there are values without an index. A storage that
// cannot list its keys hides them.
func findUnindexed(ctx context.Context, client storage.Client) (lost []*Unreadable, _ error) {
	walker, can := client.(storage.Walker)
	if !can {
		return nil, nil
	}
	err := walker.Walk(ctx, func(string, []byte) ([]*storage.Operation, error) {
		lost = []*Unreadable{{Key: indexKey, Err: errMissing}}
		return nil, storage.SkipAll
	})
	return lost, err
}

// slotsPerBatch is the number of slots that are read in one transaction of the
// storage.
const slotsPerBatch = 1000

func (l *Loaded) loadOpen(ctx context.Context, client storage.Client) (lost []*Unreadable, _ error) {
	for from := 0; from < l.Slots; from += slotsPerBatch {
		var reads []*storage.Operation
		for slot := from; slot < min(from+slotsPerBatch, l.Slots); slot++ {
			reads = append(reads, storage.GetOperation(slotKey(slot, l.ID)))
		}
		if err := client.Batch(ctx, reads...); err != nil {
			return nil, err
		}
		for i, read := range reads {
			if bad := l.addSlot(from+i, read.Value); bad != nil {
				lost = append(lost, &Unreadable{Key: read.Key, Err: bad})
			}
		}
	}
	l.Writer.slotCount = l.Slots
	return lost, nil
}

// addSlot adds the content of a slot to the open entities.
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
	k := correlate.KeyOf(entity)
	if other, twice := l.Writer.slots[k]; twice {
		l.Writer.free = append(l.Writer.free, slot)
		return fmt.Errorf("checkpoint: the entity is also in slot %d", other)
	}
	l.Writer.slots[k] = slot
	l.Open = append(l.Open, entity)
	return nil
}

// Sweep deletes values that cannot be read, so that they are reported once, and
// values of sessions that were not loaded if the storage can list its keys.
func Sweep(ctx context.Context, client storage.Client, lost []*Unreadable, loaded []*Loaded) error {
	operations := make([]*storage.Operation, 0, len(lost))
	for _, bad := range lost {
		operations = append(operations, storage.DeleteOperation(bad.Key))
	}
	if err := client.Batch(ctx, operations...); err != nil {
		return err
	}
	walker, can := client.(storage.Walker)
	if !can {
		return nil
	}
	loadedIDs := map[string]bool{}
	for _, session := range loaded {
		loadedIDs[session.ID] = true
	}
	return walker.Walk(ctx, func(key string, _ []byte) ([]*storage.Operation, error) {
		if key == indexKey || loadedIDs[sessionOf(key)] {
			return nil, nil
		}
		return []*storage.Operation{storage.DeleteOperation(key)}, nil
	})
}
