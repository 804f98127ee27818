package cmscdrreceiver

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// errUnfinished reports that the time for an answer is up and a part of the document
// is not processed.
var errUnfinished = errors.New("the document is too long for one request")

// ingest processes a document under the lock of its session. After an error the
// records must be sent again: some are not committed or not saved.
func (r *cdrReceiver) ingest(ctx context.Context, doc *cdr.Document, body string, from sender, received time.Time) error {
	defer r.enforceBudget(ctx) // after the lock is released
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

// saveInterval limits the time between two saves of a long document, so that few
// records are repeated after a kill.
const saveInterval = 2 * time.Second

// processDocument processes the slices in order, each in its own transaction. It
// saves what was committed even if a later slice is refused.
func (r *cdrReceiver) processDocument(ctx context.Context, session *session, doc *cdr.Document, body string, received time.Time) error {
	before, err := r.predecessor(ctx, session, doc, received)
	if err != nil {
		return err
	}
	saved := r.clock()
	slice := slice{session: session, predecessor: before, doc: doc, body: body, received: received, start: doc.Mark()}
	for {
		_, err = r.run(ctx, work{limit: sliceRecords, stage: func(from, to int) *staged { return r.stageSlice(&slice, from, to) }})
		if err != nil || slice.last {
			break
		}
		if err = r.timeLeft(ctx); err != nil {
			break
		}
		if now := r.clock(); now.Sub(saved) >= saveInterval {
			if err := r.save(ctx, session); err != nil {
				return err
			}
			saved = now
		}
		slice.start, slice.replacedBefore, slice.measured = doc.Mark(), doc.Replaced, false
	}
	return errors.Join(err, r.save(ctx, session))
}

// timeLeft returns errUnfinished if another slice might not be answered in time.
func (r *cdrReceiver) timeLeft(ctx context.Context) error {
	if until, bounded := ctx.Deadline(); bounded && time.Until(until) < r.deliveryTimeout()/8 {
		return errUnfinished
	}
	return nil
}
