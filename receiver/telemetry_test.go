package cmscdrreceiver

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/cmscdr/cmscdrreceiver/internal/metadata"
)

// TestSeveralReceivers checks that two receivers of one collector have separate
// series.
func TestSeveralReceivers(t *testing.T) {
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	for name, open := range map[string]int{"one": 5, "two": 7} {
		set := receivertest.NewNopSettings(metadata.Type)
		set.ID = component.NewIDWithName(metadata.Type, name)
		set.TelemetrySettings = telemetry.NewTelemetrySettings()
		cfg := createDefaultConfig().(*Config)
		cfg.MaxOpen = open
		r, err := newReceiver(set, cfg)
		require.NoError(t, err)
		require.NoError(t, r.initMetrics())
		t.Cleanup(r.telemetry.Shutdown)
	}
	limits, err := telemetry.GetMetric("otelcol_receiver_cms_cdr_open_limit")
	require.NoError(t, err)
	got := map[string]int64{}
	for _, point := range limits.Data.(metricdata.Gauge[int64]).DataPoints {
		receiver, _ := point.Attributes.Value("receiver")
		got[receiver.AsString()] = point.Value
	}
	require.Equal(t, map[string]int64{"cms_cdr/one": 5, "cms_cdr/two": 7}, got)
	documents, err := telemetry.GetMetric("otelcol_receiver_cms_cdr_documents")
	require.NoError(t, err)
	require.Len(t, pointsOf(t, documents), 2*len(outcomes))
}

// TestAcceptedAndRefused checks the metrics that the collector has for every receiver:
// they count the log records and spans that the pipelines accept and refuse.
func TestAcceptedAndRefused(t *testing.T) {
	rig := newRig(t, nil)
	rig.refuse = func(signal string) error {
		if signal == signalTraces {
			return errors.New("queue is full")
		}
		return nil
	}
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", oneCallEnded).Code)
	rig.refuse = nil
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCallEnded).Code)
	for name, want := range map[string]int64{
		"accepted_log_records": 3, "refused_log_records": 0, "accepted_spans": 1, "refused_spans": 1,
	} {
		metric, err := rig.telemetry.GetMetric("otelcol_receiver_" + name)
		require.NoError(t, err)
		points := pointsOf(t, metric)
		require.Len(t, points, 1)
		require.Equal(t, want, points[0].Value, name)
	}
}
