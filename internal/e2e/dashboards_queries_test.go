package e2e

import (
	"math"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDashboardsLogs checks that docs/telemetry.md documents the attributes in the queries for
// Loki.
func TestDashboardsLogs(t *testing.T) {
	page, err := os.ReadFile("../../docs/telemetry.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(page), "\n## Logs\n")
	section, _, _ = strings.Cut(section, "\n## Metrics\n")
	checked := 0
	for _, d := range dashboards(t) {
		for _, q := range queriesOf(d, "loki") {
			assert.True(t, strings.Contains(q.expr, `{service_name="cisco-meeting-server"}`), q.where)
			for _, name := range regexp.MustCompile(`\bcisco_\w+`).FindAllString(q.expr, -1) {
				attribute := regexp.MustCompile("`" + strings.ReplaceAll(regexp.QuoteMeta(name), "_", "[._]") + "`")
				assert.Regexp(t, attribute, section, "%s: docs/telemetry.md has no log attribute %s", q.where, name)
				checked++
			}
		}
	}
	require.Greater(t, checked, 5)
}

// oddDocument is a document with an unknown record type, an invalid character, and a
// malformed part.
const oddDocument = `<records session="odd"><record type="moodChange" time="2026-03-02T08:00:00Z" correlatorIndex="0">` +
	`<mood id="m"><text>fine` + "\x01" + `</text></mood></record><record type="callStart"><call/></record></records>`

// TestDashboardsPrometheus checks that a real Prometheus returns numbers for each query of
// the dashboards after a run with faults.
func TestDashboardsPrometheus(t *testing.T) {
	g := newPrometheusRig(t)
	// An exporter that always fails, for the panels about exporters.
	start(t, g.cdr, g.config, `yaml:
exporters: {otlp_http/nowhere: {endpoint: "http://127.0.0.1:1", retry_on_failure: {enabled: false}}}
service:
  pipelines:
    traces: {receivers: [cms_cdr], exporters: [otlp_http/nowhere]}
    logs: {receivers: [cms_cdr], exporters: [otlp_http/nowhere]}
`)
	// The same Call Bridges post twice, because Prometheus does not see the first value of
	// a histogram, or of a counter with several labels besides those of the source, as an
	// increase. They restart in between.
	g.play(4, "loss=0.02,repeat=0.02")
	g.play(5, "loss=0.02,repeat=0.02")
	answer, err := http.Post(g.cdr, "text/xml", strings.NewReader(oddDocument))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
	// The last document causes the last changes of metrics.
	g.eventually("the last document is counted, and an exporter failed", func() bool {
		for _, name := range []string{"malformed_records", "unknown_records", "replaced_characters"} {
			if g.number("sum(otelcol_receiver_cms_cdr_"+name+")") == 0 {
				return false
			}
		}
		return len(g.query("otelcol_exporter_send_failed_spans")) > 0
	})
	for _, name := range collectorSeries {
		assert.NotEmpty(t, g.query(name), "the collector has no series %s", name)
	}
	count := 0
	for _, d := range dashboards(t) {
		if d.file != "chargeback.json" { // TestChargeback checks its queries
			count += g.checkDashboard(t, d)
		}
	}
	require.Greater(t, count, 80)
}

// checkDashboard checks that Prometheus returns numbers for each query of a dashboard, and
// series with the labels of its legend. It returns the number of queries.
func (p *prometheus) checkDashboard(t *testing.T, d dashboard) (count int) {
	t.Helper()
	for _, q := range queriesOf(d, "prometheus") {
		expr := replaceVariables(q.expr)
		samples := p.query(expr)
		assert.True(t, slices.ContainsFunc(samples, hasNumber), "%s: %s returns no number: %v", q.where, expr, samples)
		for _, label := range legendName.FindAllStringSubmatch(q.legend, -1) {
			assert.True(t, slices.ContainsFunc(samples, func(s sample) bool { return s.Metric[label[1]] != "" }),
				"%s: no series has the legend's %s", q.where, label[1])
		}
		count++
	}
	return count
}

// hasNumber reports whether the value of a sample is a number and not NaN.
func hasNumber(s sample) bool {
	text, _ := s.Value[1].(string)
	value, err := strconv.ParseFloat(text, 64)
	return err == nil && !math.IsNaN(value)
}
