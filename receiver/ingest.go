package cmscdrreceiver

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// errUnfinished reports that the time for an answer is nearly up, and that the last slices of
// the document are not processed or the last entities of a plan are not closed.
var errUnfinished = errors.New("the time is nearly up before all of it is processed")

// ingest processes a document under the lock of its session. After an error the
// records must be sent again: some are not committed or not saved.
func (r *cdrReceiver) ingest(ctx context.Context, doc *cdr.Document, body string, from sender, received time.Time) error {
	defer r.enforceBudget(ctx, doc.Session) // after the lock is released
	session, err := r.sessions.acquire(ctx, doc, from, received)
	if err != nil {
		return err
	}
	defer session.release()
	if err := r.sessions.resolveSource(session, doc, from); err != nil {
		r.logger.Error("Cannot create the series of a Call Bridge; it sends the document again", zap.String("session", doc.Session), zap.Error(err))
		return err
	}
	if err := r.processDocument(ctx, session, doc, body, received); err != nil {
		session.refusedAt = received
		return err
	}
	session.refusedAt = time.Time{}
	return nil
}

// saveInterval is the time after which a long document is saved between two slices, so that
// few records are delivered again after the process is killed.
const saveInterval = 2 * time.Second

// processDocument closes the entities of the predecessor, unless the replacement is in doubt.
// Then it processes the slices in order, each as one work. It saves what was committed even
// if a later slice is refused.
func (r *cdrReceiver) processDocument(ctx context.Context, session *session, doc *cdr.Document, body string, received time.Time) error {
	predecessor, err := r.closePredecessor(ctx, session, doc, received)
	if err != nil {
		return err
	}
	lastSave := r.clock()
	slice := slice{session: session, predecessor: predecessor, doc: doc, body: body, received: received, start: doc.Mark()}
	for {
		_, err = r.run(ctx, work{limit: sliceItems, stage: func(from, to int) *staged { return r.stageSlice(&slice, from, to) }})
		if err != nil || slice.last {
			break
		}
		if err = r.checkTimeLeft(ctx); err != nil {
			break
		}
		if now := r.clock(); now.Sub(lastSave) >= saveInterval {
			if err := r.save(ctx, session); err != nil {
				return err
			}
			lastSave = now
		}
		slice.start, slice.replacedCharactersBefore, slice.measured = doc.Mark(), doc.Replaced, false
	}
	return errors.Join(err, r.save(ctx, session))
}

// checkTimeLeft returns errUnfinished if less than an eighth of the delivery timeout is
// left, because another slice might not end in time.
func (r *cdrReceiver) checkTimeLeft(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < r.deliveryTimeout()/8 {
		return errUnfinished
	}
	return nil
}
