package cmscdrreceiver

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/cmscdr/cmscdrreceiver/internal/metadata"
)

// rig is a receiver without a network: its HTTP handler, and sinks that refuse on
// demand.
type rig struct {
	t         testing.TB
	receiver  *cdrReceiver
	handler   http.Handler
	telemetry *componenttest.Telemetry
	warnings  *observer.ObservedLogs

	// mu guards now, the time of the receiver's clock, and the time of the last scan.
	mu  sync.Mutex
	now time.Time
	// followsRecords makes the clock follow the times of the records that are posted, with
	// a scan every five minutes.
	followsRecords bool
	ticked         time.Time
	// response is what the requests of the scenario were answered.
	response string

	logs   consumertest.LogsSink
	traces consumertest.TracesSink
	// refuse returns an error to refuse a payload of the signal, logs or traces. It
	// may be nil.
	refuse func(signal string) error
}

// newRig returns a receiver with the default configuration, changed by configure,
// which may be nil.
func newRig(t testing.TB, configure func(*Config)) *rig {
	t.Helper()
	g := &rig{t: t, telemetry: componenttest.NewTelemetry(), now: time.Date(2026, 3, 2, 8, 0, 0, 250_000_000, time.UTC)}
	t.Cleanup(func() { require.NoError(t, g.telemetry.Shutdown(context.Background())) })
	cfg := createDefaultConfig().(*Config)
	if configure != nil {
		configure(cfg)
	}
	require.NoError(t, cfg.Validate())
	core, warnings := observer.New(zap.WarnLevel)
	set := receivertest.NewNopSettings(metadata.Type)
	set.TelemetrySettings = g.telemetry.NewTelemetrySettings()
	set.Logger, g.warnings = zap.New(core), warnings
	var err error
	g.receiver, err = newReceiver(set, cfg)
	require.NoError(t, err)
	g.receiver.clock = g.clock
	g.receiver.nextLogs = logsFunc(func(ctx context.Context, logs plog.Logs) error {
		if err := g.refusal("logs"); err != nil {
			return err
		}
		return g.logs.ConsumeLogs(ctx, logs)
	})
	g.receiver.nextTraces = tracesFunc(func(ctx context.Context, traces ptrace.Traces) error {
		if err := g.refusal("traces"); err != nil {
			return err
		}
		return g.traces.ConsumeTraces(ctx, traces)
	})
	g.receiver.nextMetrics = consumertest.NewNop()
	g.receiver.sessions.aggregator = g.receiver.aggregator
	require.NoError(t, g.receiver.observeState())
	g.handler, err = g.receiver.newHandler()
	require.NoError(t, err)
	return g
}

func (g *rig) clock() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

// advanceTo moves the receiver's clock forward, never back.
func (g *rig) reach(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.After(g.now) {
		g.now = now
	}
}

func (g *rig) refusal(signal string) error {
	if g.refuse == nil {
		return nil
	}
	return g.refuse(signal)
}

// post posts a document to the target, a path with its query.
func (g *rig) post(target, body string) *httptest.ResponseRecorder {
	return g.do(httptest.NewRequest(http.MethodPost, target, strings.NewReader(body)))
}

func (g *rig) do(req *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	g.handler.ServeHTTP(answer, req)
	return answer
}

// series returns the current series, with everything counted so far.
func (g *rig) series() pmetric.Metrics {
	g.receiver.aggregator.Flush(context.Background())
	series, err := g.receiver.aggregator.Collect(context.Background(), time.Now)
	require.NoError(g.t, err)
	return series
}

// outcomes returns the number of documents of each outcome so far.
func (g *rig) outcomes() map[string]int64 {
	out := map[string]int64{}
	metric, err := g.telemetry.GetMetric("otelcol_receiver_cms_cdr_documents")
	if err != nil {
		return out
	}
	for _, point := range sumOf(g.t, metric) {
		if outcome, _ := point.Attributes.Value("outcome"); point.Value > 0 {
			out[outcome.AsString()] = point.Value
		}
	}
	return out
}
