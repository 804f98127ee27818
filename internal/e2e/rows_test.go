package e2e

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

// intoJaeger is examples/collector.yaml with Jaeger as the only target, and the given
// processors of traces.
const intoJaeger = `yaml:
receivers: {cms_cdr: {http: {endpoint: %q}}}
exporters: {otlp_grpc/jaeger: {endpoint: %q, sending_queue: {enabled: false}}, nop: {}}
service:
  telemetry: {metrics: {level: none, readers: []}, logs: {level: error}}
  pipelines: {logs: {exporters: [nop]}, metrics: {exporters: [nop]}%s}
`

// TestRows checks that the rows of Jaeger's page are those in docs/telemetry.md,
// without and with the span processor.
func TestRows(t *testing.T) {
	page, err := os.ReadFile("../../docs/telemetry.md")
	require.NoError(t, err)
	for heading, traces := range map[string]string{
		"Without it:\n": `, traces: {processors: [memory_limiter]}`,
		"With it:\n":    "",
	} {
		t.Run(heading[:len(heading)-2], func(t *testing.T) {
			_, rest, found := strings.Cut(string(page), "\n"+heading+"\n```\n")
			require.True(t, found, "the page has rows after %q", heading)
			want, _, _ := strings.Cut(rest, "```")
			require.Equal(t, want, rows(demonstration(t, traces)))
		})
	}
}

// demonstration plays the demonstration to a collector and a Jaeger, and returns the
// trace in Jaeger.
func demonstration(t *testing.T, traces string) []ptrace.Span {
	t.Helper()
	j, address := startJaeger(t), freeAddress(t)
	c := startLoud(t, "http://"+address+"/cdr", filepath.Join("..", "..", "examples", "jaeger-loki-prometheus.yaml"),
		fmt.Sprintf(intoJaeger, address, j.otlp, traces))
	_, counts, err := simulate.Run(t.Context(), simulate.Config{
		Target: "http://" + address + "/cdr", Demo: true, Seed: 1, GiveUp: time.Minute,
	})
	require.NoError(t, err)
	require.NoError(t, c.Stop())
	forest := newForest(j.all())
	for _, call := range counts.EndedCalls {
		for id, spans := range forest {
			if id.String() == strings.ReplaceAll(call, "-", "") {
				return spans
			}
		}
	}
	t.Fatal("no call's id is that of a trace")
	return nil
}

// rows returns what the page lists for a trace: children below their parents, by
// start, with service and span name.
func rows(spans []ptrace.Span) string {
	slices.SortStableFunc(spans, func(a, b ptrace.Span) int {
		return cmp.Or(cmp.Compare(a.StartTimestamp(), b.StartTimestamp()), cmp.Compare(a.Name(), b.Name()))
	})
	var page strings.Builder
	var below func(pcommon.SpanID, string)
	below = func(parent pcommon.SpanID, indent string) {
		for _, span := range spans {
			if span.ParentSpanID() == parent {
				fmt.Fprintf(&page, "%scisco-meeting-server  %s\n", indent, span.Name())
				below(span.SpanID(), indent+"  ")
			}
		}
	}
	below(pcommon.SpanID{}, "")
	return page.String()
}
