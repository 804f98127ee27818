package cmscdrreceiver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"

	bolterrors "go.etcd.io/bbolt/errors"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/boltfile"
)

// storageClient opens the storage. bbolt, the database of file_storage, panics on a
// damaged file, partly on goroutines of its own where the panic cannot be recovered.
// The file is therefore checked first. If bbolt panics on such a goroutine nevertheless,
// the log message that names the damaged file precedes the stack trace.
func (r *cdrReceiver) storageClient(ctx context.Context, host component.Host) (storage.Client, error) {
	id := *r.config.Storage
	extension, found := host.GetExtensions()[id]
	if !found {
		return nil, fmt.Errorf("storage is %q, but there is no such extension: configure it under extensions and list it under service::extensions", id)
	}
	storageExtension, ok := extension.(storage.Extension)
	if !ok {
		return nil, fmt.Errorf("storage is %q, which is not a storage extension: name one such as file_storage", id)
	}
	remedy := remedy(r.settings.ID)
	if folder, isFileStorage := folderOf(storageExtension); isFileStorage {
		r.logger.Info("Opening the storage; if the collector crashes now, its file is damaged: "+remedy, zap.Stringer("storage", id))
		if err := boltfile.Check(filepath.Join(folder, fileOf(r.settings.ID))); err != nil {
			return nil, fmt.Errorf("storage %q: its file is damaged: %w; %s", id, err, remedy)
		}
	}
	var client storage.Client
	err := catchPanic(func() (err error) {
		client, err = storageExtension.GetClient(ctx, component.KindReceiver, r.settings.ID, "")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("storage %q: cannot open it: %w; %s", id, err, openAdvice(err, r.settings.ID))
	}
	safe := &safeClient{client: client, remedy: remedy}
	if walker, can := client.(storage.Walker); can {
		return &safeWalker{safeClient: safe, walker: walker}, nil
	}
	return safe, nil
}

// openAdvice returns what to do if file_storage cannot open its file. A file in use, or of
// another user, must not be moved away: its state would be lost.
func openAdvice(err error, receiver component.ID) string {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Sprintf("another process, such as a second collector, uses the file %s in the storage's directory: stop it", fileOf(receiver))
	case errors.Is(err, fs.ErrPermission):
		return "let the user of the collector read and write the files in the storage's directory"
	default:
		return "if its file is damaged, " + remedy(receiver)
	}
}

// remedy returns what to do about a damaged file, and what that costs.
func remedy(receiver component.ID) string {
	return fmt.Sprintf("stop the collector, move the file %s out of the storage's directory and start again; "+
		"open calls then lack their beginnings, and records that Meeting Server sends again are repeated",
		fileOf(receiver))
}

// catchPanic turns a panic into an error. It does the same with a fault in mapped memory,
// which occurs beyond the end of a truncated file.
func catchPanic(call func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = &panicError{cause}
		}
	}()
	return call()
}

// panicError wraps the value of a panic.
type panicError struct{ cause any }

func (p *panicError) Error() string { return fmt.Sprintf("the storage panicked: %v", p.cause) }

// safeClient turns panics of its client into errors. After a panic the client may
// hold locks forever, so it is not called again, not even to close it.
type safeClient struct {
	client storage.Client
	remedy string
	broken atomic.Pointer[error]
}

func (g *safeClient) call(call func() error) error {
	if broken := g.broken.Load(); broken != nil {
		return *broken
	}
	err := catchPanic(call)
	if panicked := (*panicError)(nil); errors.As(err, &panicked) {
		err = fmt.Errorf("%w; if its file is damaged, %s", err, g.remedy)
		g.broken.Store(&err)
	}
	return err
}

func (g *safeClient) Get(ctx context.Context, key string) ([]byte, error) {
	var value []byte
	err := g.call(func() (err error) {
		value, err = g.client.Get(ctx, key)
		return err
	})
	return value, err
}

func (g *safeClient) Set(ctx context.Context, key string, value []byte) error {
	return g.call(func() error { return g.client.Set(ctx, key, value) })
}

func (g *safeClient) Delete(ctx context.Context, key string) error {
	return g.call(func() error { return g.client.Delete(ctx, key) })
}

func (g *safeClient) Batch(ctx context.Context, operations ...*storage.Operation) error {
	return g.call(func() error { return g.client.Batch(ctx, operations...) })
}

func (g *safeClient) Close(ctx context.Context) error {
	if g.broken.Load() != nil {
		return nil
	}
	return g.call(func() error { return g.client.Close(ctx) })
}

// safeWalker is a safeClient whose client can list its keys.
type safeWalker struct {
	*safeClient
	walker storage.Walker
}

func (g *safeWalker) Walk(ctx context.Context, fn storage.WalkFunc) error {
	return g.call(func() error { return g.walker.Walk(ctx, fn) })
}
