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
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// store saves sessions. Its client is nil if no storage is configured; then it is not
// called.
type store struct {
	client storage.Client
	// lock holds a token while the list is written.
	lock chan struct{}
	list sessionList
}

// sessionList is what is saved for all sessions together.
type sessionList struct {
	// ids are those of the saved sessions.
	ids map[string]struct{}
	// departures are those of calls of removed sessions, one for each meeting that continued
	// when a session was last removed.
	departures []meeting.Departure
}

// errNotSaved reports that the storage did not save or delete a session, possibly before the
// whole document was processed. What was committed since the last save is in memory only.
var errNotSaved = errors.New("the storage did not save or delete the session")

// saveTimeout limits a save to a tenth of the server's write timeout, of which the
// delivery may use four fifths.
func (r *cdrReceiver) saveTimeout() time.Duration { return r.deliveryTimeout() / 8 }

// save saves the changes of the session in one transaction of the storage. The
// session's lock must be held. After a failure, the next document or scan tries
// again. A session is not saved before its first record is committed, even if indices of
// malformed parts are known: restore sets startReported and committedSource, so after a restart
// the start of the session would not be reported and its predecessor would not be closed.
func (r *cdrReceiver) save(ctx context.Context, session *session) error {
	if session.historyUnsaved.Swap(false) {
		session.writer.SessionChanged()
	}
	if r.store.client == nil || !session.startReported || !session.writer.Dirty() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.saveTimeout())
	defer cancel()
	if err := r.store.save(ctx, session, r.sessions.checkpointOf(session)); err != nil {
		return r.storageFailed(ctx, "Cannot save a session; records that are not saved are not acknowledged, so their Call Bridge sends them again", session, err)
	}
	session.writer.MarkSaved()
	r.status.accepted(origin{}, r.clock())
	return nil
}

// checkpointOf returns what is saved of the session besides its entities. The source is the
// one in whose history the session is: if a document that names the Call Bridge was refused,
// the session moves when that is sent again. The session's lock must be held.
func (s *sessions) checkpointOf(session *session) *checkpoint.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	start := session.start
	start.Seniority = session.seniority
	source, callBridge := session.metricsSource(), session.callBridge
	if source != session.source {
		callBridge = "" // it was named for the first time by the refused document
	}
	return &checkpoint.Session{
		ID: session.id, CallBridge: callBridge, SystemID: source.sender.systemID, Address: source.sender.address,
		Parameters: saveParameters(source.sender.parameters),
		Start:      start, LastReceived: session.lastReceived, History: s.history(source.instance).State(),
		Sequence: session.tracker.State(), Correlation: session.state.State(),
	}
}

// save writes the changes of the session, and adds it to the list of saved sessions at the
// first save.
func (s *store) save(ctx context.Context, session *session, saved *checkpoint.Session) error {
	operations, err := session.writer.Operations(saved)
	if err != nil {
		return err
	}
	if session.listed {
		return s.client.Batch(ctx, operations...)
	}
	err = s.updateList(ctx, operations, func(list *sessionList) { list.ids[session.id] = struct{}{} })
	session.listed = err == nil
	return err
}

// erase deletes the session from the storage, except for the departures of its calls from
// meetings that continue.
func (r *cdrReceiver) erase(ctx context.Context, session *session) error {
	if r.store.client == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.saveTimeout())
	defer cancel()
	err := r.store.updateList(ctx, session.writer.DeleteOperations(), func(list *sessionList) {
		delete(list.ids, session.id)
		list.departures = r.sessions.meetings.MergeOngoing(slices.Concat(list.departures, session.state.State().Departures))
	})
	if err != nil {
		return r.storageFailed(ctx, "Cannot delete an evicted session from the storage; its documents are refused until it is deleted", session, err)
	}
	r.status.accepted(origin{}, r.clock())
	return nil
}

// storageFailed reports the failure in the log, the metrics and the status, and
// returns errNotSaved.
func (r *cdrReceiver) storageFailed(ctx context.Context, message string, session *session, err error) error {
	r.telemetry.ReceiverCmsCdrStorageErrors.Add(ctx, 1, r.ownLabels.receiverOnly.add...)
	r.logger.Error(message, zap.Stringer("storage", r.config.Storage), zap.String("session", session.id), zap.Error(err))
	r.status.refused(origin{}, r.clock(), err)
	return fmt.Errorf("%w: %w", errNotSaved, err)
}

// updateList changes the list and executes the operations, in one batch. Concurrent calls
// wait, each until its own deadline. That is rare, because sessions seldom start or end.
func (s *store) updateList(ctx context.Context, operations []*storage.Operation, change func(*sessionList)) error {
	select {
	case s.lock <- struct{}{}:
		defer func() { <-s.lock }()
	case <-ctx.Done():
		return ctx.Err()
	}
	list := sessionList{ids: maps.Clone(s.list.ids), departures: s.list.departures}
	change(&list)
	ids, err := checkpoint.ListOperation(slices.Sorted(maps.Keys(list.ids)))
	if err != nil {
		return err
	}
	operations = append(operations, ids)
	if !slices.Equal(list.departures, s.list.departures) { // they can be many, and any client can cause this call by starting a session
		departures, err := checkpoint.DeparturesOperation(list.departures)
		if err != nil {
			return err
		}
		operations = append(operations, departures)
	}
	if err := s.client.Batch(ctx, operations...); err != nil {
		return err
	}
	s.list = list
	return nil
}

// saveOrClose saves the sessions and closes the storage, or closes the open entities if
// there is no storage.
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
