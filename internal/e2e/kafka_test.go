package e2e

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// startKafka starts a broker, which stops at the end of the test.
func startKafka(t *testing.T) (address string) {
	t.Helper()
	address = freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	broker := exec.Command(program(t, "KAFKA"), port)
	stdin, err := broker.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, broker.Start())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = broker.Wait()
	})
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}, 10*time.Second, 10*time.Millisecond, "the broker does not listen on %s", address)
	return address
}

// TestKafka checks that nothing is lost between the collectors of the Kafka examples when the
// one that writes to Kafka is killed after it answered 200, and the one that reads from Kafka
// is killed while its targets refuse. Log records and spans that arrive twice have the same
// ids, so requireAll counts ids.
func TestKafka(t *testing.T) {
	const legs = 4000
	broker, received := startKafka(t), listenForContent(t)
	address, health := freeAddress(t), freeAddress(t)
	producer := start(t, "http://"+address+"/cdr", filepath.Join("..", "..", "examples", "kafka.yaml"), fmt.Sprintf(`yaml:
receivers: {cms_cdr: {http: {endpoint: %q}}}
extensions: {file_storage: {directory: %q}}
exporters: {kafka: {brokers: [%q]}, prometheus: {endpoint: %q}}
service: {telemetry: {metrics: {level: none}}}
`, address, t.TempDir(), broker, freeAddress(t)))
	require.Zero(t, post(t, "http://"+address+"/cdr", backlog("s", legs)))
	producer.Kill()

	overlay := fmt.Sprintf(`yaml:
receivers: {kafka: {brokers: [%q]}}
exporters: {otlp_http/loki: {endpoint: %q, compression: none}, otlp_http/jaeger: {endpoint: %[2]q, compression: none, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}}
extensions: {health_check: {endpoint: %q}}
service:
  extensions: [health_check]
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {exporters: [otlp_http/jaeger]}}
`, broker, received.url, health)
	example := filepath.Join("..", "..", "examples", "kafka-reader.yaml")
	received.setLimit(5)
	consumer := start(t, "http://"+health, example, overlay)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, consumer.Poll(ctx, func() bool {
		received.mu.Lock()
		defer received.mu.Unlock()
		// Every second the consumer commits the messages that are marked as read, and several
		// refusals take longer than that, so a refused message would be committed here if it
		// were marked. Each of the three partitions of a topic retries one message at a time.
		// The traces are in all three partitions, the logs possibly in one.
		return received.logPayloads.refused >= 4 && received.tracePayloads.refused >= 8
	}), "%s", consumer.Output())
	consumer.Kill()
	received.setLimit(0)

	consumer = start(t, "http://"+health, example, overlay)
	received.requireAll(t, consumer, legs)
	require.NoError(t, consumer.Stop(), "%s", consumer.Output())
}
