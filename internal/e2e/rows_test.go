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

// exampleWithJaeger overrides examples/jaeger-loki-prometheus.yaml: traces go to a Jaeger, log
// records and metrics to no target. The last verb is for an override of the pipeline of traces.
const exampleWithJaeger = `yaml:
receivers: {cms_cdr: {http: {endpoint: %q}}}
exporters: {otlp_grpc/jaeger: {endpoint: %q, sending_queue: {enabled: false}}, nop: {}}
service:
  telemetry: {metrics: {level: none, readers: []}, logs: {level: error}}
  pipelines: {logs: {exporters: [nop]}, metrics: {exporters: [nop]}%s}
`

// TestRows checks that docs/telemetry.md has the rows that Jaeger's page shows for a trace,
// with and without the span processor.
func TestRows(t *testing.T) {
	page, err := os.ReadFile("../../docs/telemetry.md")
	require.NoError(t, err)
	for heading, traces := range map[string]string{
		"Without the span processor:\n": `, traces: {processors: [memory_limiter]}`,
		"With the span processor:\n":    "",
	} {
		t.Run(heading[:len(heading)-2], func(t *testing.T) {
			_, rest, found := strings.Cut(string(page), "\n"+heading+"\n```\n")
			require.True(t, found, "the page has rows after %q", heading)
			want, _, _ := strings.Cut(rest, "```")
			require.Equal(t, want, rows(demonstration(t, traces)))
		})
	}
}

// demonstration plays the demonstration to a collector that exports to a Jaeger, and returns
// the trace in Jaeger. traces overrides the pipeline of traces in exampleWithJaeger, or is empty.
func demonstration(t *testing.T, traces string) []ptrace.Span {
	t.Helper()
	j, address := startJaeger(t), freeAddress(t)
	c := startLogged(t, "http://"+address+"/cdr", filepath.Join("..", "..", "examples", "jaeger-loki-prometheus.yaml"),
		fmt.Sprintf(exampleWithJaeger, address, j.otlp, traces))
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
	t.Fatal("no trace has the id of a call")
	return nil
}

// rows returns the rows for a trace: cisco-meeting-server as the service, which is not read from
// the trace, and the name of each span, in the order of their starts, with children below their
// parents.
func rows(spans []ptrace.Span) string {
	slices.SortStableFunc(spans, func(a, b ptrace.Span) int {
		return cmp.Or(cmp.Compare(a.StartTimestamp(), b.StartTimestamp()), cmp.Compare(a.Name(), b.Name()))
	})
	var page strings.Builder
	var writeChildren func(pcommon.SpanID, string)
	writeChildren = func(parent pcommon.SpanID, indent string) {
		for _, span := range spans {
			if span.ParentSpanID() == parent {
				fmt.Fprintf(&page, "%scisco-meeting-server  %s\n", indent, span.Name())
				writeChildren(span.SpanID(), indent+"  ")
			}
		}
	}
	writeChildren(pcommon.SpanID{}, "")
	return page.String()
}
