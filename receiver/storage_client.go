package cmscdrreceiver

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"
)

// storageClient opens the storage. A damaged file makes bbolt, the database behind
// file_storage, panic, partly on a goroutine of its own, where nobody can recover.
// So the file is checked first; should bbolt panic there all the same, the line
// that is logged before is the last one above the trace.
func (r *cdrReceiver) storageClient(ctx context.Context, host component.Host) (storage.Client, error) {
	id := *r.config.Storage
	extension, found := host.GetExtensions()[id]
	if !found {
		return nil, fmt.Errorf("storage is %q, and there is no such extension: configure it under extensions and list it under service::extensions", id)
	}
	keeper, ok := extension.(storage.Extension)
	if !ok {
		return nil, fmt.Errorf("storage is %q, which is no storage extension: name one such as file_storage", id)
	}
	remedy := remedy(r.settings.ID)
	r.logger.Info("Opening the storage; if the collector crashes here, it is damaged: "+remedy, zap.Stringer("storage", id))
	if err := checkFile(keeper, r.settings.ID); err != nil {
		return nil, fmt.Errorf("storage %q: its file is damaged: %w; %s", id, err, remedy)
	}
	var client storage.Client
	err := recovered(func() (err error) {
		client, err = keeper.GetClient(ctx, component.KindReceiver, r.settings.ID, "")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("storage %q: cannot open it: %w; if it is damaged, %s", id, err, remedy)
	}
	guarded := &guardedClient{client: client, remedy: remedy}
	if walker, can := client.(storage.Walker); can {
		return &guardedWalker{guardedClient: guarded, walker: walker}, nil
	}
	return guarded, nil
}

// remedy is what to do about a damaged storage, and what it costs.
func remedy(receiver component.ID) string {
	return fmt.Sprintf("stop the collector, move the file %s out of the storage's directory and start again; "+
		"open calls then lack their beginnings, and records that Meeting Server sends again are repeated",
		fileOf(receiver))
}

// recovered makes an error of a panic, and of a fault in the memory that a file is
// mapped to: a file that was cut ends before its pages do.
func recovered(call func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = &panicError{cause}
		}
	}()
	return call()
}

// panicError is what a storage panicked with.
type panicError struct{ cause any }

func (p *panicError) Error() string { return fmt.Sprintf("it panicked: %v", p.cause) }

// guardedClient makes errors of its client's panics. After one, the client may
// hold locks for ever, so it is asked for nothing more, not even to close.
type guardedClient struct {
	client storage.Client
	remedy string
	broken atomic.Pointer[error]
}

func (g *guardedClient) call(call func() error) error {
	if broken := g.broken.Load(); broken != nil {
		return *broken
	}
	err := recovered(call)
	if panicked := (*panicError)(nil); errors.As(err, &panicked) {
		err = fmt.Errorf("%w; it is damaged: %s", err, g.remedy)
		g.broken.Store(&err)
	}
	return err
}

func (g *guardedClient) Get(ctx context.Context, key string) ([]byte, error) {
	var value []byte
	err := g.call(func() (err error) {
		value, err = g.client.Get(ctx, key)
		return err
	})
	return value, err
}

func (g *guardedClient) Set(ctx context.Context, key string, value []byte) error {
	return g.call(func() error { return g.client.Set(ctx, key, value) })
}

func (g *guardedClient) Delete(ctx context.Context, key string) error {
	return g.call(func() error { return g.client.Delete(ctx, key) })
}

func (g *guardedClient) Batch(ctx context.Context, operations ...*storage.Operation) error {
	return g.call(func() error { return g.client.Batch(ctx, operations...) })
}

func (g *guardedClient) Close(ctx context.Context) error {
	if g.broken.Load() != nil {
		return nil
	}
	return g.call(func() error { return g.client.Close(ctx) })
}

// guardedWalker is a guarded client that can list its keys.
type guardedWalker struct {
	*guardedClient
	walker storage.Walker
}

func (g *guardedWalker) Walk(ctx context.Context, fn storage.WalkFunc) error {
	return g.call(func() error { return g.walker.Walk(ctx, fn) })
}
