package cmscdrreceiver

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// ingest takes a document all the way, under its session's turn. An error means
// that the records must come again: nothing has happened, or what did is not saved.
func (r *cdrReceiver) ingest(ctx context.Context, doc *cdr.Document, body string, from sender, arrived time.Time) error {
	session, err := r.sessions.turn(ctx, doc, arrived)
	if err != nil {
		r.logger.Warn("A document has to wait; its Call Bridge sends it again", zap.String("session", doc.Session), zap.Error(err))
		return err
	}
	defer session.release()
	if err := r.sessions.settle(session, doc, from); err != nil {
		return err
	}
	if err := r.take(ctx, session, doc, body, arrived); err != nil {
		session.refused = arrived
		return err
	}
	session.refused = time.Time{}
	return nil
}

// take is the arrow: stage, deliver, commit, save, in this order.
func (r *cdrReceiver) take(ctx context.Context, session *session, doc *cdr.Document, body string, arrived time.Time) error {
	before, err := r.predecessor(ctx, session, body, arrived)
	if err != nil {
		return err
	}
	staged := r.stage(session, before, doc, body, arrived)
	asked, err := r.deliver(ctx, staged)
	if err != nil {
		staged.state.Drop()
		r.status.refused(session.source.instance, arrived, err)
		return err
	}
	if asked {
		r.status.accepted(session.source.instance, arrived)
	}
	r.commit(ctx, staged)
	return r.save(ctx, session)
}
