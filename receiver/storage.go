package cmscdrreceiver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/checkpoint"
)

// store is where sessions are saved. Without a client nothing is, and nothing
// fails.
type store struct {
	client storage.Client
	// turn holds a token while the list of sessions is written.
	lock chan struct{}
	// indexed are the sessions that are listed as saved.
	indexedSessions map[string]struct{}
}

// errNotSaved: the pipelines accepted the records, and the storage did not.
var errNotSaved = errors.New("what was accepted cannot be saved")

// saveTime is how long a save may take, of the server's write timeout of which the
// pipelines have four fifths.
func (r *cdrReceiver) saveTimeout() time.Duration { return r.deliveryTimeout() / 8 }

// save saves what changed in the session, in one transaction. The session's turn
// must be held. After a failure all of it is tried again at the next document, a
// repeated one too, or the next tick.
func (r *cdrReceiver) save(ctx context.Context, session *session) error {
	if r.store.client == nil || session.id == "" || !session.writer.Dirty() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.saveTimeout())
	defer cancel()
	if err := r.store.save(ctx, session, r.sessions.saved(session)); err != nil {
		return r.storageFailed(ctx, "Cannot save what was accepted; its Call Bridge sends it again until it is saved", session, err)
	}
	session.writer.MarkSaved()
	r.status.accepted(storageStatus, r.clock())
	return nil
}

// storageStatus is what the storage is called among the sources that fail.
const storageStatus = "storage"

// kept is what is saved of the session beside what is open.
func (s *sessions) saved(session *session) *checkpoint.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	beginning := session.start
	beginning.Seniority = session.seniority
	return &checkpoint.Session{
		ID: session.id, CallBridge: session.callBridge, SystemID: session.source.sender.systemID, Address: session.source.sender.address,
		Parameters: saveParameters(session.source.sender.parameters),
		Start:      beginning, LastReceived: session.lastReceived, History: s.history(session.metricsSource().instance).State(),
		Sequence: session.tracker.State(), State: session.state.State(),
	}
}

func (s *store) save(ctx context.Context, session *session, kept *checkpoint.Session) error {
	operations, err := session.writer.Operations(kept)
	if err != nil {
		return err
	}
	if session.indexed {
		return s.client.Batch(ctx, operations...)
	}
	err = s.index(ctx, func(ids map[string]struct{}) { ids[session.id] = struct{}{} }, operations)
	session.indexed = err == nil
	return err
}

// erase leaves nothing of a session in the storage.
func (r *cdrReceiver) erase(ctx context.Context, session *session) error {
	if r.store.client == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.saveTimeout())
	defer cancel()
	err := r.store.index(ctx, func(ids map[string]struct{}) { delete(ids, session.id) }, session.writer.DeleteOperations())
	if err != nil {
		return r.storageFailed(ctx, "Cannot delete a session that is over; should it post, it has to wait", session, err)
	}
	return nil
}

// storageFailed says so, wherever somebody may look.
func (r *cdrReceiver) storageFailed(ctx context.Context, what string, session *session, err error) error {
	r.telemetry.ReceiverCmsCdrStorageErrors.Add(ctx, 1, r.identity.self.add...)
	r.logger.Error(what, zap.Stringer("storage", r.config.Storage), zap.String("session", session.id), zap.Error(err))
	r.status.refused(storageStatus, r.clock(), err)
	return fmt.Errorf("%w: %w", errNotSaved, err)
}

// index changes which sessions are listed, together with the operations. Others
// wait meanwhile, each as long as its own deadline lasts: sessions come and go seldom.
func (s *store) index(ctx context.Context, change func(map[string]struct{}), operations []*storage.Operation) error {
	select {
	case s.lock <- struct{}{}:
		defer func() { <-s.lock }()
	case <-ctx.Done():
		return ctx.Err()
	}
	ids := maps.Clone(s.indexedSessions)
	change(ids)
	list, err := checkpoint.IndexOperation(slices.Sorted(maps.Keys(ids)))
	if err != nil {
		return err
	}
	if err := s.client.Batch(ctx, append(operations, list)...); err != nil {
		return err
	}
	s.indexedSessions = ids
	return nil
}

// keepOrRelease is the end of what is open: it is saved, or, where there is no
// storage, goes out as it is.
func (r *cdrReceiver) saveOrClose(ctx context.Context) error {
	if r.store.client == nil {
		r.closeAtShutdown(ctx)
		return nil
	}
	var errs []error
	for _, session := range r.sessions.withEvicted() {
		if err := ctx.Err(); err != nil {
			errs = append(errs, err)
			break
		}
		if err := session.acquire(ctx); err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, r.save(ctx, session))
		session.release()
	}
	return errors.Join(append(errs, r.store.client.Close(ctx))...)
}
