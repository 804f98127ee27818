package e2e

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
)

// collectorSeries are series of any collector. TestDashboardsPrometheus checks that each
// exists.
var collectorSeries = []string{
	"otelcol_receiver_accepted_spans", "otelcol_receiver_accepted_log_records",
	"otelcol_receiver_refused_spans", "otelcol_receiver_refused_log_records",
	"otelcol_exporter_queue_size", "otelcol_exporter_queue_capacity",
	"otelcol_exporter_send_failed_spans", "otelcol_exporter_send_failed_log_records",
	"otelcol_process_memory_rss", "otelcol_process_cpu_seconds",
}

// otherSeries are further series that are in no table of metrics: target_info of the
// Prometheus exporter, and those of examples/chargeback.yaml that chargeback.json uses.
// TestChargeback checks the latter.
var otherSeries = []string{"target_info", "chargeback_legs_calls_total", "chargeback_legs_duration_seconds_sum"}

var (
	metricRow    = regexp.MustCompile("(?m)^\\| `(cisco[a-z._]+)` \\| (\\w+) \\| `([^`]+)` \\|")
	attributeRow = regexp.MustCompile("(?m)^\\| \\w+ \\| `([a-z._]+)` \\| ")
	ownMetric    = regexp.MustCompile(`(?m)^### (otelcol_\w+)\n\n.*\n\n.*\n.*\n\| \S+ \| (\w+) `)
)

// documentedSeries returns the names in Prometheus of the documented series, collectorSeries
// and otherSeries, each with the name of its metric, and the names of the labels that a query
// may use.
func documentedSeries(t *testing.T) (series map[string]string, labels map[string]bool) {
	t.Helper()
	series, labels = map[string]string{}, map[string]bool{"le": true, "instance": true}
	add := func(metric, name, instrument string) {
		if instrument != "Histogram" {
			series[name] = metric
			return
		}
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			series[name+suffix] = metric
		}
	}
	page, err := os.ReadFile("../../docs/telemetry.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(page), "\n## Metrics\n")
	var names []string
	for _, row := range metricRow.FindAllStringSubmatch(section, -1) {
		name := strings.ReplaceAll(row[1], ".", "_")
		if row[3] == "s" {
			name += "_seconds"
		}
		if row[2] == "Counter" {
			name += "_total"
		}
		add(row[1], name, row[2])
		names = append(names, row[1])
	}
	require.ElementsMatch(t, metrics.Names(), names)
	for _, row := range attributeRow.FindAllStringSubmatch(section, -1) {
		labels[strings.ReplaceAll(row[1], ".", "_")] = true
	}
	own, err := os.ReadFile("../../documentation.md")
	require.NoError(t, err)
	found := ownMetric.FindAllStringSubmatch(string(own), -1)
	require.Len(t, found, strings.Count(string(own), "\n### otelcol_"))
	for _, heading := range found {
		// By default, the names of the collector's own series have no unit and no _total.
		add(heading[1], heading[1], heading[2])
	}
	for _, name := range slices.Concat(collectorSeries, otherSeries) {
		series[name] = name
	}
	for _, label := range []string{
		"outcome", "reason", "type", "receiver", "exporter", "data_type", "job",
		"cisco_cms_system_id", "cisco_cms_tenant_id", "cisco_cms_cospace_id", "cisco_cms_call_cdr_tag",
	} {
		labels[label] = true
	}
	return series, labels
}
