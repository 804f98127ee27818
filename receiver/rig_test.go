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

// rig is a receiver without a network: its handler, and sinks that say what
// they are told to.
type rig struct {
	t         testing.TB
	receiver  *cdrReceiver
	handler   http.Handler
	telemetry *componenttest.Telemetry
	warnings  *observer.ObservedLogs

	// now is the receiver's clock.
	mu  sync.Mutex
	now time.Time
	// followsRecords lets the clock be where the records of a simulation are;
	// ticked is when the receiver looked for what is over last.
	followsRecords bool
	ticked         time.Time
	// response is what the scenario's requests were answered.
	response string

	logs   consumertest.LogsSink
	traces consumertest.TracesSink
	// refuse is asked before a sink takes anything; signal is logs or traces.
	refuse func(signal string) error
}

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

// reach lets the receiver's clock go on, never back.
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

// post sends a document to the target, a path with its query.
func (g *rig) post(target, body string) *httptest.ResponseRecorder {
	return g.do(httptest.NewRequest(http.MethodPost, target, strings.NewReader(body)))
}

func (g *rig) do(req *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	g.handler.ServeHTTP(answer, req)
	return answer
}

// series are all series as of now, with all that was counted.
func (g *rig) series() pmetric.Metrics {
	g.receiver.aggregator.Flush()
	series, err := g.receiver.aggregator.Collect(context.Background(), time.Now)
	require.NoError(g.t, err)
	return series
}

// outcomes are the documents so far, by outcome.
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
