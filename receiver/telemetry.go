package cmscdrreceiver

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// tally is what a transaction adds to the receiver's own metrics. byType counts new
// records, byReason the entities and meetings that were closed incomplete.
type tally struct {
	byType                                                    []typeCount
	duplicates, malformed, unknownRecords, replacedCharacters int
	missing                                                   int64
	byReason                                                  map[correlate.Reason]int64
}

// typeCount is the number of records of a type. A list of them is smaller than a map,
// because most documents have few types.
type typeCount struct {
	name  string
	count int64
}

// countIncomplete counts the entities and meetings that were closed incomplete, by reason.
func (t *tally) countIncomplete(ended []correlate.EndedEntity) {
	for i := range ended {
		if reason := ended[i].Incomplete; reason != "" {
			if t.byReason == nil {
				t.byReason = map[correlate.Reason]int64{}
			}
			t.byReason[reason]++
		}
	}
}

// countRecord counts a new record and the records that are missing before it.
func (t *tally) countRecord(record *cdr.Record, verdict sequence.Verdict) {
	name := metrics.RecordType(record)
	i := slices.IndexFunc(t.byType, func(c typeCount) bool { return c.name == name })
	if i < 0 {
		i = len(t.byType)
		t.byType = append(t.byType, typeCount{name: name})
	}
	t.byType[i].count++
	if record.Body == nil {
		t.unknownRecords++
	}
	for _, gap := range verdict.Missing {
		t.missing += int64(gap.Count())
	}
}

// countCommitted adds the tally of a committed transaction to the receiver's own metrics.
func (r *cdrReceiver) countCommitted(ctx context.Context, s *staged) {
	for _, records := range s.tally.byType {
		r.telemetry.ReceiverCmsCdrRecords.Add(ctx, records.count, r.ownLabels.with("type", records.name).add...)
	}
	for reason, n := range s.tally.byReason {
		r.telemetry.ReceiverCmsCdrExpired.Add(ctx, n, r.ownLabels.with("reason", string(reason)).add...)
	}
	r.add(ctx, r.telemetry.ReceiverCmsCdrDuplicateRecords, int64(s.tally.duplicates))
	r.add(ctx, r.telemetry.ReceiverCmsCdrMalformedRecords, int64(s.tally.malformed))
	r.add(ctx, r.telemetry.ReceiverCmsCdrUnknownRecords, int64(s.tally.unknownRecords))
	r.add(ctx, r.telemetry.ReceiverCmsCdrReplacedCharacters, int64(s.tally.replacedCharacters))
	r.add(ctx, r.telemetry.ReceiverCmsCdrMissingRecords, s.tally.missing)
}

func (r *cdrReceiver) add(ctx context.Context, counter metric.Int64Counter, n int64) {
	if n > 0 {
		counter.Add(ctx, n, r.ownLabels.receiverOnly.add...)
	}
}

// countDocument counts an answered request, and records its size in bytes and its
// duration. A request without an outcome is not counted: a GET or HEAD that is answered 200.
func (r *cdrReceiver) countDocument(req *http.Request, answer answer, size int, received time.Time) {
	if answer.outcome == "" {
		return
	}
	ctx := context.WithoutCancel(req.Context())
	r.telemetry.ReceiverCmsCdrDocuments.Add(ctx, 1, r.ownLabels.with("outcome", answer.outcome).add...)
	if size > 0 {
		r.telemetry.ReceiverCmsCdrDocumentSize.Record(ctx, int64(size), r.ownLabels.receiverOnly.record...)
	}
	r.telemetry.ReceiverCmsCdrRequestDuration.Record(ctx, r.clock().Sub(received).Seconds(), r.ownLabels.receiverOnly.record...)
}

// openCounts is the number of open calls and legs of all sessions. The metrics
// callbacks cannot count them, because sessions are locked during a delivery.
type openCounts struct{ calls, legs atomic.Int64 }

// initMetrics registers the gauges. It also adds 0 to each counter except that of
// records by type: a counter that exists before the first failure shows it as an
// increase.
func (r *cdrReceiver) initMetrics() error {
	ctx := context.Background()
	for _, outcome := range outcomes {
		r.telemetry.ReceiverCmsCdrDocuments.Add(ctx, 0, r.ownLabels.with("outcome", outcome).add...)
	}
	for _, signal := range []string{signalLogs, signalTraces} {
		r.telemetry.ReceiverCmsCdrDroppedItems.Add(ctx, 0, r.ownLabels.with("signal", signal).add...)
	}
	for _, reason := range correlate.Reasons {
		r.telemetry.ReceiverCmsCdrExpired.Add(ctx, 0, r.ownLabels.with("reason", string(reason)).add...)
	}
	for _, counter := range []metric.Int64Counter{
		r.telemetry.ReceiverCmsCdrDroppedSnapshots, r.telemetry.ReceiverCmsCdrDuplicateRecords, r.telemetry.ReceiverCmsCdrMalformedRecords,
		r.telemetry.ReceiverCmsCdrMissingRecords, r.telemetry.ReceiverCmsCdrReplacedCharacters,
		r.telemetry.ReceiverCmsCdrStorageErrors, r.telemetry.ReceiverCmsCdrUnknownRecords,
	} {
		counter.Add(ctx, 0, r.ownLabels.receiverOnly.add...)
	}
	return errors.Join(
		r.telemetry.RegisterReceiverCmsCdrSessionsCallback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(int64(r.sessions.count()), r.ownLabels.receiverOnly.observe...)
			return nil
		}),
		r.telemetry.RegisterReceiverCmsCdrOpenCallsCallback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(r.openCounts.calls.Load(), r.ownLabels.receiverOnly.observe...)
			return nil
		}),
		r.telemetry.RegisterReceiverCmsCdrMemoryLimitCallback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(r.sessions.budget, r.ownLabels.receiverOnly.observe...)
			return nil
		}),
		r.telemetry.RegisterReceiverCmsCdrMemoryUsageCallback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(r.sessions.usedBytes.Load(), r.ownLabels.receiverOnly.observe...)
			return nil
		}),
		r.telemetry.RegisterReceiverCmsCdrOpenLimitCallback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(int64(r.config.MaxOpen), r.ownLabels.receiverOnly.observe...)
			return nil
		}),
		r.telemetry.RegisterReceiverCmsCdrOpenCallLegsCallback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(r.openCounts.legs.Load(), r.ownLabels.receiverOnly.observe...)
			return nil
		}),
	)
}
