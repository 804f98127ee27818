package cmscdrreceiver

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"

	"github.com/cmscdr/cmscdrreceiver/internal/metadata"
)

// NewFactory returns the factory that a collector is built with.
func NewFactory() receiver.Factory {
	shared := newShared()
	return receiver.NewFactory(
		metadata.Type,
		createDefaultConfig,
		receiver.WithTraces(func(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces) (receiver.Traces, error) {
			return shared.create(set, cfg.(*Config), func(r *cdrReceiver) { r.nextTraces = next })
		}, metadata.TracesStability),
		receiver.WithMetrics(func(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
			return shared.create(set, cfg.(*Config), func(r *cdrReceiver) { r.nextMetrics = next })
		}, metadata.MetricsStability),
		receiver.WithLogs(func(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
			return shared.create(set, cfg.(*Config), func(r *cdrReceiver) { r.nextLogs = next })
		}, metadata.LogsStability),
	)
}
