package cmscdrreceiver

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// format is the value of the attribute format in the collector's own spans.
const format = "cms_cdr"

// Signals, as log messages and the receiver's own metrics name them.
const (
	signalLogs   = "logs"
	signalTraces = "traces"
)

// deliver passes the log records and then the spans to the pipelines, in payloads or,
// if attempts.oneByOne is set, one by one. errDivide asks the caller to retry with parts
// of the transaction; after any other error the transaction must be processed again.
// Payloads that were accepted or dropped before the error are remembered (see
// rememberFinished), so that they are not delivered again.
func (r *cdrReceiver) deliver(ctx context.Context, s *staged, attempts *attempts) error {
	for payload := range s.logs.Payloads(attempts.oneByOne) {
		attempts.logs++
		err := r.consumeLogs(ctx, payload)
		if err := r.handleResult(ctx, s, signalLogs, err, attempts, payload.Len(), func() []string { return s.uids(payload) }); err != nil {
			r.rememberFinished(s)
			return err
		}
		s.finishedLogs = append(s.finishedLogs, payload)
	}
	for payload := range s.traces.Payloads(attempts.oneByOne) {
		attempts.traces++
		err := r.consumeTraces(ctx, payload)
		if err := r.handleResult(ctx, s, signalTraces, err, attempts, payload.Len(), func() []string { return spanIDs(payload) }); err != nil {
			r.rememberFinished(s)
			return err
		}
		s.finishedTraces = append(s.finishedTraces, payload)
	}
	return nil
}

// rememberFinished adds the items of finished payloads to session.uncommitted, whose memory
// is part of what the budget limits. The observations of an ephemeral session, which are
// malformed parts, are added to uncommittedMalformed instead. The transaction itself is
// dropped afterwards.
func (r *cdrReceiver) rememberFinished(s *staged) {
	for _, payload := range s.finishedLogs {
		if s.session.ephemeral {
			for _, uid := range payload.ObservationUIDs {
				r.uncommittedMalformed.add(uid)
			}
			continue
		}
		s.session.uncommitted.addLogs(payload)
	}
	for _, payload := range s.finishedTraces {
		s.session.uncommitted.addSpans(payload)
	}
	r.sessions.updateSize(s.session)
}

func (r *cdrReceiver) consumeLogs(ctx context.Context, payload translate.LogsPayload) error {
	ctx = r.obsrep.StartLogsOp(ctx)
	err := r.nextLogs.ConsumeLogs(ctx, payload.Logs)
	r.obsrep.EndLogsOp(ctx, format, payload.Len(), err)
	return err
}

func (r *cdrReceiver) consumeTraces(ctx context.Context, payload translate.TracesPayload) error {
	ctx = r.obsrep.StartTracesOp(ctx)
	err := r.nextTraces.ConsumeTraces(ctx, payload.Traces)
	r.obsrep.EndTracesOp(ctx, format, payload.Len(), err)
	return err
}

// handleResult handles err, the answer of a pipeline to a payload. It returns nil if the
// payload was accepted or is dropped. A payload that is refused permanently is dropped if
// canDivide is false for its transaction, because a resend would be refused too and would
// block later records. payloadItems is the number of items in the payload, and ids returns
// their identities for the log.
func (r *cdrReceiver) handleResult(ctx context.Context, s *staged, signal string, err error, attempts *attempts, payloadItems int, ids func() []string) error {
	from := origin{s.source.instance, signal}
	if err == nil {
		r.status.accepted(from, r.clock())
		return nil
	}
	r.status.refused(from, r.clock(), err)
	refusal := refusalOf(err)
	fields := []zap.Field{zap.String("signal", signal), zap.String("session", s.session.id), zap.Error(err)}
	switch {
	case refusal == temporary:
		r.logger.Warn("A pipeline refused items for now; they are delivered again when Meeting Server sends their records again, or by the next scan", fields...)
		return err
	case attempts.canDivide(s.items, payloadItems, refusal):
		return errDivide
	}
	r.telemetry.ReceiverCmsCdrDroppedItems.Add(ctx, int64(payloadItems), r.ownLabels.with("signal", signal).add...)
	r.logger.Error("A pipeline refused items permanently; they are dropped, because sending them again cannot help",
		append(fields, zap.Int("items", payloadItems), zap.Strings("dropped", ids()))...)
	return nil
}

// uids returns the log.record.uid of each log record in the payload. Records with
// consecutive indices have one entry, such as session/3-17.
func (s *staged) uids(payload translate.LogsPayload) (uids []string) {
	for _, indexRange := range sequence.RangesOf(payload.Indices) {
		if indexRange.First == indexRange.Last {
			uids = append(uids, fmt.Sprintf("%s/%d", s.session.id, indexRange.First))
		} else {
			uids = append(uids, fmt.Sprintf("%s/%d-%d", s.session.id, indexRange.First, indexRange.Last))
		}
	}
	return append(uids, payload.ObservationUIDs...)
}

// spanIDs returns the trace id and the span id of each span in the payload.
func spanIDs(payload translate.TracesPayload) (ids []string) {
	for _, span := range payload.Spans {
		ids = append(ids, span.Trace.String()+"/"+span.Span.String())
	}
	return ids
}
