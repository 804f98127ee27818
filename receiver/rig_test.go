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

// rig is a receiver without a network: its HTTP handler, and sinks that can refuse
// payloads.
type rig struct {
	t         testing.TB
	receiver  *cdrReceiver
	handler   http.Handler
	telemetry *componenttest.Telemetry
	warnings  *observer.ObservedLogs

	// now is the time of the receiver's clock. mu guards it and lastScan.
	mu  sync.Mutex
	now time.Time
	// followsRecords makes the clock follow the times of the records that the simulator
	// posts, with a scan every five minutes.
	followsRecords bool
	lastScan       time.Time
	// response holds the answers to the requests of a scenario file.
	response string

	logs   consumertest.LogsSink
	traces consumertest.TracesSink
	// refuse returns an error to refuse a payload of the signal, logs or traces. It
	// may be nil.
	refuse func(signal string) error
}

// rigStart is the time at which the clock of a rig starts.
var rigStart = time.Date(2026, 3, 2, 8, 0, 0, 250_000_000, time.UTC)

// newRig returns a receiver with the default configuration, changed by configure,
// which may be nil.
func newRig(t testing.TB, configure func(*Config)) *rig {
	t.Helper()
	r := &rig{t: t, telemetry: componenttest.NewTelemetry(), now: rigStart}
	t.Cleanup(func() { require.NoError(t, r.telemetry.Shutdown(context.Background())) })
	cfg := createDefaultConfig().(*Config)
	if configure != nil {
		configure(cfg)
	}
	require.NoError(t, cfg.Validate())
	core, warnings := observer.New(zap.WarnLevel)
	set := receivertest.NewNopSettings(metadata.Type)
	set.TelemetrySettings = r.telemetry.NewTelemetrySettings()
	set.Logger, r.warnings = zap.New(core), warnings
	var err error
	r.receiver, err = newReceiver(set, cfg)
	require.NoError(t, err)
	r.receiver.clock = r.clock
	r.receiver.nextLogs = logsFunc(func(ctx context.Context, logs plog.Logs) error {
		if err := r.refusal("logs"); err != nil {
			return err
		}
		return r.logs.ConsumeLogs(ctx, logs)
	})
	r.receiver.nextTraces = tracesFunc(func(ctx context.Context, traces ptrace.Traces) error {
		if err := r.refusal("traces"); err != nil {
			return err
		}
		return r.traces.ConsumeTraces(ctx, traces)
	})
	r.receiver.nextMetrics = consumertest.NewNop()
	r.receiver.sessions.aggregator = r.receiver.aggregator
	require.NoError(t, r.receiver.initMetrics())
	r.handler, err = r.receiver.newHandler()
	require.NoError(t, err)
	return r
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// advanceTo moves the receiver's clock forward, never back.
func (r *rig) advanceTo(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.After(r.now) {
		r.now = now
	}
}

func (r *rig) refusal(signal string) error {
	if r.refuse == nil {
		return nil
	}
	return r.refuse(signal)
}

// post posts a document to the target, a path with its query.
func (r *rig) post(target, body string) *httptest.ResponseRecorder {
	return r.do(httptest.NewRequest(http.MethodPost, target, strings.NewReader(body)))
}

// postAccepted posts a document of the server cms1, which must be answered 200.
func (r *rig) postAccepted(document string) {
	r.t.Helper()
	require.Equal(r.t, http.StatusOK, r.post("/cdr?system_id=cms1", document).Code)
}

func (r *rig) do(req *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	r.handler.ServeHTTP(answer, req)
	return answer
}

// onlySession returns the only session of the rig.
func (r *rig) onlySession() *session {
	sessions := r.receiver.sessions.all()
	require.Len(r.t, sessions, 1)
	return sessions[0]
}

// series returns the current series, with everything counted so far.
func (r *rig) series() pmetric.Metrics {
	r.receiver.aggregator.Flush()
	series, err := r.receiver.aggregator.Collect(context.Background(), time.Now)
	require.NoError(r.t, err)
	return series
}

// ownCounter returns the value of one of the receiver's own counters that has one series.
func (r *rig) ownCounter(name string) int64 {
	metric, err := r.telemetry.GetMetric("otelcol_receiver_cms_cdr_" + name)
	require.NoError(r.t, err)
	points := pointsOf(r.t, metric)
	require.Len(r.t, points, 1)
	return points[0].Value
}

// outcomes returns the number of documents by outcome, without zeros.
func (r *rig) outcomes() map[string]int64 {
	counts := map[string]int64{}
	metric, err := r.telemetry.GetMetric("otelcol_receiver_cms_cdr_documents")
	if err != nil {
		return counts
	}
	for _, point := range pointsOf(r.t, metric) {
		if outcome, _ := point.Attributes.Value("outcome"); point.Value > 0 {
			counts[outcome.AsString()] = point.Value
		}
	}
	return counts
}
