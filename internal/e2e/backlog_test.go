package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// backlog returns a document of a session with legs that start and end.
func backlog(session string, legs int) string {
	var body strings.Builder
	fmt.Fprintf(&body, `<?xml version="1.0"?><records session="%s" callBridge="%s">`, session, session)
	for n := range legs {
		fmt.Fprintf(&body, `<record type="callLegStart" time="2026-03-02T08:00:00Z" recordIndex="%d" correlatorIndex="%d">`+
			`<callLeg id="1e900000-0000-4000-8000-%012d"><displayName>Operating theatre %d</displayName><localAddress>70012@meet.example.com</localAddress>`+
			`<remoteAddress>sip:theatre%d@rooms.example.com</remoteAddress><remoteParty>sip:theatre%d@rooms.example.com</remoteParty>`+
			`<type>sip</type><direction>incoming</direction><canMove>true</canMove><sipCallId>b8a81da5-c24c-43db-ba58-%012d</sipCallId></callLeg></record>`+"\n",
			2*n+1, 2*n, n, n, n, n, n)
		fmt.Fprintf(&body, `<record type="callLegEnd" time="2026-03-02T08:10:00Z" recordIndex="%d" correlatorIndex="%d">`+
			`<callLeg id="1e900000-0000-4000-8000-%012d"><reason>remoteTeardown</reason><remoteTeardown>true</remoteTeardown><encryptedMedia>true</encryptedMedia>`+
			`<durationSeconds>600</durationSeconds><rxAudio><codec>opus</codec></rxAudio><txAudio><codec>opus</codec></txAudio></callLeg></record>`+"\n",
			2*n+2, 2*n+1, n)
	}
	body.WriteString(`</records>`)
	return body.String()
}

// post posts a document with postUntilAccepted, and returns the number of refusals.
func post(t *testing.T, url, body string, header ...string) (refused int) {
	t.Helper()
	refused, err := postUntilAccepted(t.Context(), url, body, header...)
	require.NoError(t, err)
	return refused
}

// postUntilAccepted posts a document until it is answered 200, as Meeting Server does, and
// returns the number of refusals. header has names, each followed by its value.
func postUntilAccepted(ctx context.Context, url, body string, header ...string) (refused int, err error) {
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			return refused, err
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			return refused, err
		}
		if err := answer.Body.Close(); err != nil {
			return refused, err
		}
		switch answer.StatusCode {
		case http.StatusOK:
			return refused, nil
		case http.StatusServiceUnavailable:
			refused++
			time.Sleep(time.Second)
		default:
			return refused, fmt.Errorf("answered %s after %d refusals", answer.Status, refused)
		}
	}
}

// toTarget configures a collector that exports logs and traces to a target: an OTLP receiver
// or a Kafka broker. fromTarget configures a second collector, which has that OTLP receiver
// or reads from that broker, and exports what it gets.
const (
	toTarget = `yaml:
receivers:
  cms_cdr: {http: {endpoint: %q}}
exporters:
  %s
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    logs: {receivers: [cms_cdr], exporters: [%[3]s]}
    traces: {receivers: [cms_cdr], exporters: [%[3]s]}
`
	fromTarget = `yaml:
receivers:
  %s
exporters:
  otlp_http: {endpoint: %q, compression: none}
extensions:
  health_check: {endpoint: %q}
service:
  extensions: [health_check]
  telemetry: {metrics: {level: none}}
  pipelines:
    logs: {receivers: [%[4]s], exporters: [otlp_http]}
    traces: {receivers: [%[4]s], exporters: [otlp_http]}
`
)

// TestBacklogThroughDefaults checks that no part of a backlog in one document is lost, and no
// log record repeated, between exporters and targets that have their default limits.
func TestBacklogThroughDefaults(t *testing.T) {
	const legs = 8000
	for _, c := range []struct {
		name, exporterName, exporter, receiverName, receiver string
		kafka                                                bool
	}{
		{name: "otlp_grpc without a queue", exporterName: "otlp_grpc", receiverName: "otlp", exporter: "otlp_grpc: {endpoint: %q, tls: {insecure: true}, sending_queue: {enabled: false}}", receiver: "otlp: {protocols: {grpc: {endpoint: %q}}}"},
		{name: "otlp_grpc", exporterName: "otlp_grpc", receiverName: "otlp", exporter: "otlp_grpc: {endpoint: %q, tls: {insecure: true}}", receiver: "otlp: {protocols: {grpc: {endpoint: %q}}}"},
		{name: "otlp_http without a queue", exporterName: "otlp_http", receiverName: "otlp", exporter: "otlp_http: {endpoint: 'http://%s', sending_queue: {enabled: false}}", receiver: "otlp: {protocols: {http: {endpoint: %q}}}"},
		{name: "otlp_http", exporterName: "otlp_http", receiverName: "otlp", exporter: "otlp_http: {endpoint: 'http://%s'}", receiver: "otlp: {protocols: {http: {endpoint: %q}}}"},
		{name: "kafka without a queue", exporterName: "kafka", receiverName: "kafka", exporter: "kafka: {brokers: [%q], sending_queue: {enabled: false}}", receiver: "kafka: {brokers: [%q], initial_offset: earliest}", kafka: true},
		{name: "kafka", exporterName: "kafka", receiverName: "kafka", exporter: "kafka: {brokers: [%q]}", receiver: "kafka: {brokers: [%q], initial_offset: earliest}", kafka: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			received := listenForContent(t)
			target, health, address := freeAddress(t), freeAddress(t), freeAddress(t)
			if c.kafka {
				target = startKafka(t)
			}
			downstream := start(t, "http://"+health, fmt.Sprintf(fromTarget, fmt.Sprintf(c.receiver, target), received.url, health, c.receiverName))
			collector := start(t, "http://"+address+"/cdr", fmt.Sprintf(toTarget, address, fmt.Sprintf(c.exporter, target), c.exporterName))
			require.Zero(t, post(t, "http://"+address+"/cdr", backlog("s", legs)))
			require.NoError(t, collector.Stop(), "the collector must stop without an error; its output:\n%s", collector.Output())
			received.requireAll(t, downstream, legs)
			require.NoError(t, downstream.Stop())
			for uid, n := range received.logs {
				require.Equal(t, 1, n, uid)
			}
		})
	}
}

// limitedCollector configures memory_limiter with the limit of
// examples/jaeger-loki-prometheus.yaml. Its exporter discards everything.
const limitedCollector = `yaml:
receivers:
  cms_cdr: {http: {endpoint: %q, compression_algorithms: ["", gzip]}}
processors:
  memory_limiter: {check_interval: 1s, limit_mib: 1024, spike_limit_mib: 256}
exporters:
  nop:
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    logs: {receivers: [cms_cdr], processors: [memory_limiter], exporters: [nop]}
    traces: {receivers: [cms_cdr], processors: [memory_limiter], exporters: [nop]}
    metrics: {receivers: [cms_cdr], exporters: [nop]}
`

// startLimited starts a limitedCollector with further configurations.
func startLimited(t *testing.T, configs ...string) (c *otelcol.Collector, address string) {
	t.Helper()
	address = freeAddress(t)
	return start(t, "http://"+address+"/cdr", append([]string{fmt.Sprintf(limitedCollector, address)}, configs...)...), address
}

// requireMemory checks that the peak memory of the collector is below a limit in bytes.
func requireMemory(t *testing.T, c *otelcol.Collector, limit int64) {
	t.Helper()
	peak, err := c.PeakMemory()
	require.NoError(t, err)
	t.Logf("peak memory: %d MiB", peak>>20)
	require.Less(t, peak, limit, "output of the collector:\n%s", c.Output())
}

// TestClusterBacklog checks that all Call Bridges of the largest cluster can post the
// largest documents at once: every document is accepted within two minutes, and the
// collector uses less than 2 GiB of memory.
func TestClusterBacklog(t *testing.T) {
	c, address := startLimited(t)
	const bridges, size = 24, 20 << 20
	legs := size / (len(backlog("s", 10_000)) / 10_000) * 97 / 100 // higher indices are longer
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var posts sync.WaitGroup
	for n := range bridges {
		posts.Go(func() {
			refused, err := postUntilAccepted(ctx, "http://"+address+"/cdr", backlog(fmt.Sprintf("5e550000-0000-4000-8000-%012d", n), legs))
			assert.NoError(t, err)
			t.Logf("Call Bridge %d was refused %d times", n, refused)
		})
	}
	posts.Wait()
	require.NoError(t, ctx.Err(), "all documents must be accepted within two minutes")
	requireMemory(t, c, 2<<30)
	require.NoError(t, c.Stop())
}

// TestRootAttribute checks that a large attribute of <records> is not copied for each
// record.
func TestRootAttribute(t *testing.T) {
	c, address := startLimited(t)
	var body strings.Builder
	fmt.Fprintf(&body, `<records session="s" x="%s">`, strings.Repeat("x", 1<<20))
	for n := range 12_000 {
		fmt.Fprintf(&body, `<record type="x" time="2026-03-02T08:00:00Z" correlatorIndex="%d"/>`, n)
	}
	body.WriteString(`</records>`)
	require.Zero(t, post(t, "http://"+address+"/cdr", zipped(t, body.String()), "Content-Encoding", "gzip"))
	requireMemory(t, c, 400<<20)
	require.NoError(t, c.Stop())
}

// TestIncompleteBodies checks that memory::bodies limits the memory of many connections
// with incomplete compressed bodies: the collector uses less than 1 GiB, while they are
// open and when they time out. The read timeout is shorter than the time for which a body
// waits for memory, so that waiting bodies get the memory of the first ones when these time
// out.
func TestIncompleteBodies(t *testing.T) {
	c, address := startLimited(t, "yaml:receivers::cms_cdr::http::read_timeout: 4s")
	body := zipped(t, `<records session="s">`+strings.Repeat(" ", 19<<20))
	answers := make(chan string, 200)
	var connections sync.WaitGroup
	for range cap(answers) {
		connections.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				return
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(8 * time.Second))
			_, err = fmt.Fprintf(conn, "POST /cdr HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(body)+1, body)
			if err != nil {
				return
			}
			answer, _ := io.ReadAll(conn)
			status, _, _ := strings.Cut(string(answer), "\r\n")
			answers <- status
		})
	}
	connections.Wait()
	close(answers)
	counts := map[string]int{}
	for status := range answers {
		counts[status]++
	}
	const timedOut, noMemory = "HTTP/1.1 400 Bad Request", "HTTP/1.1 503 Service Unavailable"
	require.Equal(t, cap(answers), counts[timedOut]+counts[noMemory], "%v", counts)
	require.Greater(t, counts[timedOut], 10, "few bodies were read until they timed out")
	require.Zero(t, post(t, "http://"+address+"/cdr", backlog("s", 1)), "other requests must be accepted at once afterwards")
	requireMemory(t, c, 1<<30)
	require.NoError(t, c.Stop())
}

// zipped compresses a text with gzip.
func zipped(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}
