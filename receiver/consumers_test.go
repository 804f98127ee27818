package cmscdrreceiver

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// logsFunc and tracesFunc are consumers that call a function.
type (
	logsFunc   func(context.Context, plog.Logs) error
	tracesFunc func(context.Context, ptrace.Traces) error
)

func (f logsFunc) ConsumeLogs(ctx context.Context, logs plog.Logs) error { return f(ctx, logs) }
func (logsFunc) Capabilities() consumer.Capabilities                     { return consumer.Capabilities{} }

func (f tracesFunc) ConsumeTraces(ctx context.Context, traces ptrace.Traces) error {
	return f(ctx, traces)
}
func (tracesFunc) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

// pointsOf returns the data points of a sum.
func pointsOf(t testing.TB, metric metricdata.Metrics) []metricdata.DataPoint[int64] {
	t.Helper()
	sum, ok := metric.Data.(metricdata.Sum[int64])
	require.True(t, ok, "%s must be a sum, not a %T", metric.Name, metric.Data)
	return sum.DataPoints
}

// countOf returns the sum of all points of a counter.
func countOf(metrics pmetric.Metrics, name string) (n int) {
	for _, resource := range metrics.ResourceMetrics().All() {
		for _, metric := range resource.ScopeMetrics().At(0).Metrics().All() {
			if metric.Name() == name {
				for _, point := range metric.Sum().DataPoints().All() {
					n += int(point.IntValue())
				}
			}
		}
	}
	return n
}
