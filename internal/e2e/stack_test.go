package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// stack is what examples/stack/start.sh started on free ports: cdr is the receiver URI of its
// collector.
type stack struct {
	cdr        string
	jaeger     *jaeger
	loki       *loki
	prometheus *prometheus
}

func startStack(t *testing.T) *stack {
	t.Helper()
	env := os.Environ()
	for _, name := range []string{"JAEGER", "LOKI", "PROMETHEUS"} {
		program(t, name)
	}
	env = append(env, "COLLECTOR="+binary(t))
	ports := map[string]string{}
	for _, name := range []string{"CDR_PORT", "METRICS_PORT", "OWN_PORT", "JAEGER_PORT", "JAEGER_OTLP", "JAEGER_GRPC", "LOKI_PORT", "LOKI_GRPC", "PROMETHEUS_PORT"} {
		ports[name] = freePort(t)
		env = append(env, name+"="+ports[name])
	}
	command := exec.Command("../../examples/stack/start.sh")
	command.Env, command.Stderr = env, os.Stderr
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		require.NoError(t, command.Process.Signal(syscall.SIGTERM))
		require.NoError(t, command.Wait(), "the stack shuts down without an error")
	})
	for lines := bufio.NewScanner(out); ; {
		require.True(t, lines.Scan(), "the stack exited before all programs ran")
		t.Log(lines.Text())
		if strings.HasPrefix(lines.Text(), "Everything runs") {
			break
		}
	}
	at := func(name string) string { return "http://127.0.0.1:" + ports[name] }
	return &stack{
		cdr: at("CDR_PORT") + "/cdr", jaeger: &jaeger{t: t, url: at("JAEGER_PORT")},
		loki: &loki{url: at("LOKI_PORT")}, prometheus: &prometheus{t: t, url: at("PROMETHEUS_PORT")},
	}
}

// TestStack posts the meeting of the demonstration to the collector of the stack. It checks
// that Jaeger, Loki and Prometheus have it and answer the documented queries, and that
// Prometheus has the collector's own metrics and the alert rules.
func TestStack(t *testing.T) {
	s := startStack(t)
	_, counts, err := simulate.Run(t.Context(), simulate.Config{Target: s.cdr, Demo: true, Seed: 1, GiveUp: time.Minute})
	require.NoError(t, err)
	s.prometheus.eventually("the meeting is in Jaeger", func() bool {
		// The id of the trace is that of one of the two calls.
		for _, call := range counts.EndedCalls {
			if _, err := otelcol.Get(t.Context(), s.jaeger.url+"/api/traces/"+strings.ReplaceAll(call, "-", "")); err == nil {
				return true
			}
		}
		return false
	})
	s.prometheus.eventually("the records are in Loki", func() bool {
		return total(s.loki.countBy(t, "cisco_cms_record_type", `| cisco_cms_record_type != ""`)) == counts.Acknowledged
	})
	s.prometheus.eventually("the metrics are in Prometheus", func() bool {
		return s.prometheus.number(`sum(cisco_cms_call_leg_ends_total)`) == float64(total(counts.CallLegs.Ended))
	})
	require.NotEmpty(t, s.prometheus.query(`otelcol_receiver_cms_cdr_documents`))
	s.runDocumentedQueries(t)
	rules, err := otelcol.Get(t.Context(), s.prometheus.url+"/api/v1/rules")
	require.NoError(t, err)
	require.Contains(t, rules, "CMSRecordsMissing")
}

// runDocumentedQueries runs the commands of the documentation that query the stack, and
// checks their answers.
func (s *stack) runDocumentedQueries(t *testing.T) {
	t.Helper()
	answers := []string{
		`"result":[{"metric":{},"value":[`, `"operationName":"participant: Dr. Maren Holt"`, `"cisco_cms_record_type":"callLegEnd"`,
	}
	hosts := strings.NewReplacer("http://localhost:16686", s.jaeger.url, "http://localhost:3100", s.loki.url, "http://localhost:9090", s.prometheus.url)
	answered := 0
	for _, b := range blocks(t, "sh") {
		for command := range strings.Lines(b.text) {
			if strings.HasPrefix(command, "curl") && strings.Contains(command, "http://localhost:") {
				out, err := exec.Command("sh", "-c", hosts.Replace(strings.Replace(command, "curl", "curl -sS -f", 1))).CombinedOutput()
				require.NoError(t, err, "%s%s", command, out)
				require.Less(t, answered, len(answers), command)
				require.Contains(t, string(out), answers[answered], "the answer to %s", command)
				answered++
			}
		}
	}
	require.Len(t, answers, answered)
}
