package cmscdrreceiver

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// emit sends every live series. What is refused needs no second try: series are
// cumulative, and the next emission says it all.
//
// Their time is not the tick's, which may be long past if the pipeline was slow.
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
		r.logger.Warn("Metrics were refused; the next emission repeats them", zap.Error(err))
	}
}
