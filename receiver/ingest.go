package cmscdrreceiver

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// errUnfinished: the time for an answer is up, and a part of the document is left.
var errUnfinished = errors.New("the document is too long for one request")

// ingest takes a document all the way, under its session's turn. An error means
// that the records must come again: some are not committed, or not saved.
func (r *cdrReceiver) ingest(ctx context.Context, doc *cdr.Document, body string, from sender, arrived time.Time) error {
	defer r.relieve(ctx) // once no turn is held
	session, err := r.sessions.turn(ctx, doc, from, arrived)
	if err != nil {
		if answered := errors.Is(err, errNoMemory) || errors.Is(err, errTooMany); !answered {
			r.logger.Warn("A document has to wait; its Call Bridge sends it again", zap.String("session", doc.Session), zap.Error(err))
		}
		return err
	}
	defer session.release()
	if err := r.sessions.settle(session, doc, from); err != nil {
		return err
	}
	if err := r.takeDocument(ctx, session, doc, body, arrived); err != nil {
		session.refused = arrived
		return err
	}
	session.refused = time.Time{}
	return nil
}

// saveInterval is how often a long document is saved, so that a kill repeats little.
const saveInterval = 2 * time.Second

// takeDocument takes the slices in order, each in a transaction of its own, and saves
// what was committed, also when a later slice is refused.
func (r *cdrReceiver) takeDocument(ctx context.Context, session *session, doc *cdr.Document, body string, arrived time.Time) error {
	before, err := r.predecessor(ctx, session, doc, arrived)
	if err != nil {
		return err
	}
	saved := r.clock()
	part := slice{session: session, follows: before, doc: doc, body: body, arrived: arrived, start: doc.Mark()}
	for {
		_, err = r.take(ctx, work{most: sliceRecords, stage: func(from, to int) *staged { return r.stageSlice(&part, from, to) }})
		if err != nil || part.last {
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
		part.start, part.replaced, part.whole = doc.Mark(), doc.Replaced, false
	}
	return errors.Join(err, r.save(ctx, session))
}

// timeLeft returns errUnfinished where another slice might not be answered in time.
func (r *cdrReceiver) timeLeft(ctx context.Context) error {
	if until, bounded := ctx.Deadline(); bounded && time.Until(until) < r.patience()/8 {
		return errUnfinished
	}
	return nil
}
