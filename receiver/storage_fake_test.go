package cmscdrreceiver

import (
	"context"
	"errors"
	"maps"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// disk is a storage in memory that can fail.
type disk struct {
	mu     sync.Mutex
	values map[string][]byte
	// writes counts the writes. If fail is set, it decides whether a write is applied
	// and what it returns.
	writes int
	fail   func(write int) (applied bool, err error)
}

var errPowerCut = errors.New("power cut")

func newDisk() *disk { return &disk{values: map[string][]byte{}} }

// Batch is atomic: it applies all operations or none. If the first operation is a Get, all
// must be. It fails when ctx is done.
func (d *disk) Batch(ctx context.Context, operations ...*storage.Operation) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, op := range operations {
		if op.Type == storage.Get {
			op.Value = d.values[op.Key]
		}
	}
	if len(operations) == 0 || operations[0].Type == storage.Get {
		return nil
	}
	d.writes++
	applied, err := true, error(nil)
	if d.fail != nil {
		applied, err = d.fail(d.writes)
	}
	if !applied {
		return err
	}
	for _, op := range operations {
		switch op.Type {
		case storage.Set:
			d.values[op.Key] = op.Value
		case storage.Delete:
			delete(d.values, op.Key)
		}
	}
	return err
}

func (d *disk) Get(ctx context.Context, key string) ([]byte, error) {
	op := storage.GetOperation(key)
	err := d.Batch(ctx, op)
	return op.Value, err
}

func (d *disk) Set(ctx context.Context, key string, value []byte) error {
	return d.Batch(ctx, storage.SetOperation(key, value))
}

func (d *disk) Delete(ctx context.Context, key string) error {
	return d.Batch(ctx, storage.DeleteOperation(key))
}

func (d *disk) Walk(ctx context.Context, fn storage.WalkFunc) error {
	var operations []*storage.Operation
	d.mu.Lock()
	values := maps.Clone(d.values)
	d.mu.Unlock()
	for key, value := range values {
		more, err := fn(key, value)
		operations = append(operations, more...)
		if errors.Is(err, storage.SkipAll) {
			break
		}
		if err != nil {
			return err
		}
	}
	return d.Batch(ctx, operations...)
}

func (*disk) Close(context.Context) error                 { return nil }
func (*disk) Start(context.Context, component.Host) error { return nil }
func (*disk) Shutdown(context.Context) error              { return nil }

func (d *disk) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return d, nil
}

var diskID = component.MustNewID("disk")

// GetExtensions makes the disk a host that has it as its only extension.
func (d *disk) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{diskID: d}
}
