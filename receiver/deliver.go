package cmscdrreceiver

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.uber.org/zap"
)

// format is what the collector's own metrics call the input.
const format = "cms_cdr"

// deliver hands on the logs, then the traces, and reports whether any pipeline
// was asked. An error means that the records must come again.
func (r *cdrReceiver) deliver(ctx context.Context, s *staged) (asked bool, _ error) {
	if n := s.logs.Len(); n > 0 {
		asked = true
		ctx := r.obsrep.StartLogsOp(ctx)
		err := r.nextLogs.ConsumeLogs(ctx, s.logs.Take())
		r.obsrep.EndLogsOp(ctx, format, n, err)
		if err := r.retry("logs", s, err); err != nil {
			return asked, err
		}
		s.session.told.add(s)
	}
	if n := s.traces.Len(); n > 0 {
		asked = true
		ctx := r.obsrep.StartTracesOp(ctx)
		err := r.nextTraces.ConsumeTraces(ctx, s.traces.Take())
		r.obsrep.EndTracesOp(ctx, format, n, err)
		if err := r.retry("traces", s, err); err != nil {
			return asked, err
		}
	}
	return asked, nil
}

// retry returns the error of a refusal that may pass. A permanent one is logged
// and dropped: the same records would be refused for ever, and no other would
// get past them.
func (r *cdrReceiver) retry(signal string, s *staged, err error) error {
	if err == nil {
		return nil
	}
	if isPermanent(err) {
		r.logger.Error("A pipeline refused records for good; they are acknowledged, as sending them again cannot help",
			zap.String("signal", signal), zap.String("session", s.session.id), zap.Error(err))
		return nil
	}
	r.logger.Warn("A pipeline refused records for now; they come again",
		zap.String("signal", signal), zap.String("session", s.session.id), zap.Error(err))
	return err
}

// isPermanent reports whether every error joined in err is permanent. Behind a
// fan-out one branch may refuse for good and another for now, and errors.As,
// which consumererror.IsPermanent is made of, is content with one.
func isPermanent(err error) bool {
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		for _, branch := range e.Unwrap() {
			if !isPermanent(branch) {
				return false
			}
		}
		return true
	case interface{ Unwrap() error }:
		inner := errors.Unwrap(err)
		if consumererror.IsPermanent(err) && !consumererror.IsPermanent(inner) {
			return true // this is the one that says so
		}
		return inner != nil && isPermanent(inner)
	default:
		return consumererror.IsPermanent(err)
	}
}
