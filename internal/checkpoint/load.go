package checkpoint

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// indexKey holds the ids of all sessions: a storage need not be able to list its
// keys.
const indexKey = "sessions"

// IndexOperation writes which sessions there are.
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

// Unreadable is a value that was saved and cannot be used. What it was is lost.
type Unreadable struct {
	Key string
	Err error
}

func (u *Unreadable) Error() string { return fmt.Sprintf("%q: %v", u.Key, u.Err) }

// Load reads all sessions, and what of them cannot be read. An error is the
// storage's own.
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
			err = fmt.Errorf("checkpoint: it is of session %q", session.ID)
		}
		if err != nil {
			lost = append(lost, &Unreadable{Key: sessionKey(id), Err: err})
			continue
		}
		one := &Loaded{Session: session, Writer: NewWriter(id)}
		bad, err := one.loadOpen(ctx, client)
		if err != nil {
			return nil, nil, err
		}
		all, lost = append(all, one), append(lost, bad...)
	}
	return all, lost, nil
}

// errNotThere: a session and its place in the index are saved together, so a
// value that is missing was lost in the storage.
var errMissing = errors.New("checkpoint: it is not there, and other values refer to it")

// orphans finds out whether there are values without an index. A storage that
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

// atOnce is how many slots are read in one transaction.
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

// take puts what a slot holds among what is open.
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
		return fmt.Errorf("checkpoint: the same is in slot %d", other)
	}
	l.Writer.slots[k] = slot
	l.Open = append(l.Open, entity)
	return nil
}

// Sweep deletes values that cannot be used, so that they are told of once, and
// what belongs to no session that was loaded, if the storage can list its keys.
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
	known := map[string]bool{}
	for _, one := range loaded {
		known[one.ID] = true
	}
	return walker.Walk(ctx, func(key string, _ []byte) ([]*storage.Operation, error) {
		if key == indexKey || known[sessionOf(key)] {
			return nil, nil
		}
		return []*storage.Operation{storage.DeleteOperation(key)}, nil
	})
}
