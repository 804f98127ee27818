package cmscdrreceiver

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/cmscdr/cmscdrreceiver/internal/metadata"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// freeAddress returns a loopback address that is not in use.
func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := otelcol.FreeAddress()
	require.NoError(t, err)
	return address
}

// runningReceiver is a receiver as a collector runs it, with a component for each of
// its signals.
type runningReceiver struct {
	url     string
	signals []component.Component
	logs    consumertest.LogsSink
	traces  consumertest.TracesSink
	metrics consumertest.MetricsSink
	// warnings has the log messages from WARN on.
	warnings *observer.ObservedLogs
}

// create returns a receiver with components for the signals, separated by spaces.
func create(t *testing.T, cfg *Config, signals string) *runningReceiver {
	t.Helper()
	cfg.HTTP.NetAddr.Endpoint = freeAddress(t)
	r := &runningReceiver{url: "http://" + cfg.HTTP.NetAddr.Endpoint + cfg.Path}
	factory, set, ctx := NewFactory(), receivertest.NewNopSettings(metadata.Type), context.Background()
	core, warnings := observer.New(zap.WarnLevel)
	set.Logger, r.warnings = zap.New(core), warnings
	add := func(created component.Component, err error) {
		require.NoError(t, err)
		r.signals = append(r.signals, created)
	}
	for _, signal := range strings.Fields(signals) {
		switch signal {
		case "logs":
			add(factory.CreateLogs(ctx, set, cfg, &r.logs))
		case "traces":
			add(factory.CreateTraces(ctx, set, cfg, &r.traces))
		case "metrics":
			add(factory.CreateMetrics(ctx, set, cfg, &r.metrics))
		}
	}
	require.NotEmpty(t, r.signals)
	return r
}

func (r *runningReceiver) start(t *testing.T) {
	t.Helper()
	for _, signal := range r.signals {
		require.NoError(t, signal.Start(context.Background(), componenttest.NewNopHost()))
	}
}

func (r *runningReceiver) shutdown(t *testing.T) {
	t.Helper()
	for _, signal := range r.signals {
		require.NoError(t, signal.Shutdown(context.Background()))
	}
}

// post returns the status and the text of the answer. Names and values alternate in
// header.
func (r *runningReceiver) post(t *testing.T, body io.Reader, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, r.url, body)
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	answer, err := client.Do(req)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

// TestAnySignals checks that a receiver with any subset of the signals emits exactly
// those, metrics at the latest at shutdown.
func TestAnySignals(t *testing.T) {
	subsets := []string{"logs", "traces", "metrics", "logs traces", "logs metrics", "traces metrics", "metrics traces logs"}
	ended := strings.Replace(oneCall, "</records>", `<record type="callEnd" time="2026-03-02T08:01:00Z" correlatorIndex="1">`+
		`<call id="ca110000-0000-4000-8000-000000000001"><durationSeconds>60</durationSeconds></call></record></records>`, 1)
	for _, signals := range subsets {
		t.Run(signals, func(t *testing.T) {
			r := create(t, createDefaultConfig().(*Config), signals)
			r.start(t)
			status, _ := r.post(t, strings.NewReader(ended))
			require.Equal(t, http.StatusOK, status)
			r.shutdown(t)
			count := func(signal string) int { return strings.Count(signals, signal) }
			require.Equal(t, 3*count("logs"), r.logs.LogRecordCount())
			require.Equal(t, count("traces"), r.traces.SpanCount())
			require.Len(t, r.metrics.AllMetrics(), count("metrics"), "metrics must be emitted once, at shutdown")
			if count("metrics") == 1 {
				require.Contains(t, printed.Metrics(r.metrics.AllMetrics()[0]), "cisco.cms.call.duration{} count 1 sum 60\n")
			}
		})
	}
}

// TestTickers checks that the start of a receiver starts the scans and the emission of metrics and
// snapshots. TestMain checks that its shutdown leaves no goroutine.
func TestTickers(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	cfg.Snapshots.Interval = minSnapshots
	r := create(t, cfg, "logs traces metrics")
	r.start(t)
	started := r.signals[0].(*signals).receiver
	require.NotNil(t, started.scanner)
	require.NotNil(t, started.emitter)
	require.NotNil(t, started.snapshots)
	r.shutdown(t)
}

// TestListensAfterAllHaveStarted checks that the receiver listens only after the
// components of all signals are started: a pipeline cannot consume before.
func TestListensAfterAllHaveStarted(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	r := create(t, cfg, "logs traces")
	require.NoError(t, r.signals[0].Start(context.Background(), componenttest.NewNopHost()))
	_, err := net.Dial("tcp", cfg.HTTP.NetAddr.Endpoint)
	require.Error(t, err)
	require.NoError(t, r.signals[1].Start(context.Background(), componenttest.NewNopHost()))
	conn, err := net.Dial("tcp", cfg.HTTP.NetAddr.Endpoint)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	r.shutdown(t)
	r.shutdown(t) // again, which does nothing
}

// TestSameConfigAfterShutdown checks that a configuration can be used again after a
// shutdown.
func TestSameConfigAfterShutdown(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	for range 2 {
		r := create(t, cfg, "logs")
		r.start(t)
		status, _ := r.post(t, strings.NewReader(oneCall))
		require.Equal(t, http.StatusOK, status)
		r.shutdown(t)
		require.Equal(t, 2, r.logs.LogRecordCount(), "without storage the second run must not recognise duplicates of the first")
	}
}

// TestPortInUseNamesTheKey checks that the error of a port in use names
// http::endpoint.
func TestPortInUseNamesTheKey(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	cfg := createDefaultConfig().(*Config)
	r := create(t, cfg, "logs")
	cfg.HTTP.NetAddr.Endpoint = listener.Addr().String()
	err = r.signals[0].Start(context.Background(), componenttest.NewNopHost())
	require.ErrorContains(t, err, fmt.Sprintf("http::endpoint %q", listener.Addr()))
	r.shutdown(t)
}

// TestRealServer checks what needs a real server: the limit of the body, compression
// that is off by default, and a body that ends early.
func TestRealServer(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	cfg.HTTP.MaxRequestBodySize = 4096
	r := create(t, cfg, "logs")
	r.start(t)
	defer r.shutdown(t)

	status, text := r.post(t, zipped(t, oneCall), "Content-Encoding", "gzip")
	require.Equal(t, http.StatusBadRequest, status, "compression must be off by default")
	require.Contains(t, text, "unsupported Content-Encoding: gzip")
	require.Equal(t, 1, r.warnings.FilterMessageSnippet("http::compression_algorithms").Len())
	status, text = r.post(t, strings.NewReader(strings.Repeat("<records>", 1000)))
	require.Equal(t, http.StatusRequestEntityTooLarge, status)
	require.Contains(t, text, "http::max_request_body_size")
	status, _ = r.post(t, strings.NewReader(oneCall))
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, 2, r.logs.LogRecordCount())

	conn, err := net.Dial("tcp", cfg.HTTP.NetAddr.Endpoint)
	require.NoError(t, err)
	_, err = fmt.Fprintf(conn, "POST /cdr HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(oneCall), oneCall[:100])
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(answer), "400 Bad Request")
	require.NoError(t, conn.Close())
	require.Equal(t, 2, r.logs.LogRecordCount())
}

// TestCompression checks that compression can be turned on, and that the limit
// applies after decompression.
func TestCompression(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	cfg.HTTP.MaxRequestBodySize = 4096
	cfg.HTTP.CompressionAlgorithms = []string{"", "gzip"}
	r := create(t, cfg, "logs")
	r.start(t)
	defer r.shutdown(t)
	status, _ := r.post(t, zipped(t, strings.Repeat(" ", 100_000)+oneCall), "Content-Encoding", "gzip")
	require.Equal(t, http.StatusRequestEntityTooLarge, status, "the limit must apply to the decompressed body")
	status, _ = r.post(t, zipped(t, oneCall), "Content-Encoding", "gzip")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, 2, r.logs.LogRecordCount())
}

// TestCompressionsAreKnown checks that the server has a decoder for each name that the
// configuration accepts: a body that is not compressed is refused and causes no panic.
func TestCompressionsAreKnown(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	cfg.HTTP.CompressionAlgorithms = compressions
	r := create(t, cfg, "logs")
	r.start(t)
	defer r.shutdown(t)
	for _, name := range compressions {
		status, _ := r.post(t, strings.NewReader(oneCall), "Content-Encoding", name)
		require.Equal(t, name == "", status == http.StatusOK, name)
	}
}

// TestTimeoutsThatLeaveNoTime checks when the receiver warns at its start that a document can
// arrive too late to be delivered.
func TestTimeoutsThatLeaveNoTime(t *testing.T) {
	for timeouts, warnings := range map[[2]time.Duration]int{
		{0, 10 * time.Second}:                1,
		{20 * time.Second, 30 * time.Second}: 0,
		{24 * time.Second, 30 * time.Second}: 1,
		{23 * time.Second, 0}:                0,
		{24 * time.Second, 0}:                1,
	} {
		cfg := createDefaultConfig().(*Config)
		cfg.HTTP.ReadTimeout, cfg.HTTP.WriteTimeout = timeouts[0], timeouts[1]
		r := create(t, cfg, "logs")
		r.start(t)
		r.shutdown(t)
		require.Equal(t, warnings, r.warnings.FilterMessageSnippet("http::read_timeout").Len(), "%v", timeouts)
	}
}

// zipped returns the text compressed with gzip.
func zipped(t *testing.T, text string) io.Reader {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return &out
}
