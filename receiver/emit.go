package cmscdrreceiver

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// emit sends all series to the metrics pipeline. A refused emission is not retried,
// because series are cumulative and the next emission contains their counts. Two kinds of
// counts are lost by a refusal: the last ones of a source that was released, which Collect
// removes, and those of the emission at shutdown.
//
// The points have the current time rather than the time of the tick, which is long
// ago if the pipeline was slow.
func (r *cdrReceiver) emit(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.deliveryTimeout())
	defer cancel()
	series, err := r.aggregator.Collect(ctx, time.Now)
	if err != nil {
		r.logger.Error("Cannot collect metrics", zap.Error(err))
	}
	points := series.DataPointCount()
	if points == 0 {
		return
	}
	ctx = r.obsrep.StartMetricsOp(ctx)
	err = r.nextMetrics.ConsumeMetrics(ctx, series)
	r.obsrep.EndMetricsOp(ctx, format, points, err)
	if err != nil {
		r.logger.Warn("A pipeline refused metrics; unless the collector stops, the next emission contains their counts, except those of removed sources", zap.Error(err))
	}
}
