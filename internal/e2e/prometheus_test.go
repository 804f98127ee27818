package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// prometheus is a running Prometheus. It scrapes the collector. The collector of a
// prometheusRig also writes to it; the label via distinguishes written series from scraped
// ones.
type prometheus struct {
	t   *testing.T
	url string
}

// startPrometheus starts a Prometheus that scrapes two addresses: scrape has the metrics of
// the receiver, and own those of the collector itself.
func startPrometheus(t *testing.T, scrape, own string) *prometheus {
	t.Helper()
	folder, address := t.TempDir(), freeAddress(t)
	config := filepath.Join(folder, "prometheus.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
global: {scrape_interval: 200ms}
scrape_configs:
  - {job_name: scrape, honor_labels: true, static_configs: [{targets: [%q], labels: {via: scrape}}]}
  - {job_name: own, static_configs: [{targets: [%q], labels: {via: own}}]}
`, scrape, own), 0o600))
	run(t, "PROMETHEUS", "--config.file="+config, "--storage.tsdb.path="+filepath.Join(folder, "data"),
		"--web.listen-address="+address, "--web.enable-remote-write-receiver", "--enable-feature=exemplar-storage", "--log.level=warn")
	p := &prometheus{t: t, url: "http://" + address}
	p.eventually("Prometheus is ready", func() bool {
		_, err := otelcol.Get(t.Context(), p.url+"/-/ready")
		return err == nil
	})
	return p
}

// eventually requires that a condition holds within a minute.
func (p *prometheus) eventually(what string, condition func() bool) {
	p.t.Helper()
	require.Eventually(p.t, condition, time.Minute, 100*time.Millisecond, what)
}

// sample is a series in an answer, with its value at one time.
type sample struct {
	Metric map[string]string `json:"metric"`
	Value  [2]any            `json:"value"`
}

// query returns the answer to PromQL at the current time.
func (p *prometheus) query(promQL string) []sample {
	p.t.Helper()
	text, err := otelcol.Get(p.t.Context(), p.url+"/api/v1/query?query="+url.QueryEscape(promQL))
	require.NoError(p.t, err, promQL)
	var answer struct {
		Data struct{ Result []sample }
	}
	require.NoError(p.t, json.Unmarshal([]byte(text), &answer), text)
	return answer.Data.Result
}

// number returns the single value of an answer, or 0 if there is none.
func (p *prometheus) number(promQL string) float64 {
	p.t.Helper()
	result := p.query(promQL)
	if len(result) == 0 {
		return 0
	}
	require.Len(p.t, result, 1, promQL)
	value, err := strconv.ParseFloat(result[0].Value[1].(string), 64)
	require.NoError(p.t, err)
	return value
}

// by returns the values of an answer, in whole numbers, by a label. It omits zeros.
func (p *prometheus) by(label, promQL string) map[string]int {
	p.t.Helper()
	values := map[string]int{}
	for _, s := range p.query(promQL) {
		value, err := strconv.ParseFloat(s.Value[1].(string), 64)
		require.NoError(p.t, err)
		if value != 0 {
			values[s.Metric[label]] = int(value)
		}
	}
	return values
}

// fastCollector configures a collector whose series expire after five seconds instead of
// five minutes. The receiver emits them every second, which is its shortest interval.
const fastCollector = `yaml:
receivers:
  cms_cdr: {http: {endpoint: %q}, metrics: {interval: 1s}}
exporters:
  prometheus: {endpoint: %q, metric_expiration: 5s, enable_open_metrics: true, without_scope_info: true}
  prometheus_remote_write: {endpoint: %q, external_labels: {via: remote_write}, target_info: {enabled: false}}
service:
  telemetry: {metrics: {level: detailed, readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: %s}}}}]}}
  pipelines:
    metrics: {receivers: [cms_cdr], exporters: [prometheus, prometheus_remote_write]}
`

// prometheusRig is a Prometheus and the configuration of the collector that exports to it.
type prometheusRig struct {
	*prometheus
	cdr    string // URL to post to
	config string
	// missing is the number of missing records in all simulations so far.
	missing int
}

// newPrometheusRig starts the Prometheus. The test starts the collector.
func newPrometheusRig(t *testing.T) *prometheusRig {
	cdr, scrape, own := freeAddress(t), freeAddress(t), freeAddress(t)
	p := startPrometheus(t, scrape, own)
	_, ownPort, _ := strings.Cut(own, ":")
	return &prometheusRig{
		prometheus: p, cdr: "http://" + cdr + "/cdr",
		config: fmt.Sprintf(fastCollector, cdr, scrape, p.url+"/api/v1/write", ownPort),
	}
}

// play posts an hour of meetings in ten seconds.
func (g *prometheusRig) play(seed uint64, faults string) expect.Counts {
	g.t.Helper()
	// Prometheus can take five seconds before it first scrapes a target.
	g.eventually("the collector is scraped", func() bool { return g.number(`sum(up{via="scrape"})`) == 1 })
	var f simulate.Faults
	require.NoError(g.t, f.Set(faults))
	_, counts, err := simulate.Run(g.t.Context(), simulate.Config{
		Target: g.cdr, Bridges: 2, Meetings: 60, Rate: 240, Speed: 400, Seed: seed, Faults: f, GiveUp: time.Minute,
		Backoff: func(int) time.Duration { return 10 * time.Millisecond },
	})
	require.NoError(g.t, err)
	require.Zero(g.t, counts.Unacknowledged)
	g.missing += counts.Missing
	return counts
}

// TestPrometheus checks that a real Prometheus returns what the Call Bridges reported, by
// scrape and by remote write, after ten minutes without records and after a restart of the
// collector. The ten minutes and the expiration of series are shortened: a minute to a second.
func TestPrometheus(t *testing.T) {
	g := newPrometheusRig(t)
	c := start(t, g.cdr, g.config)
	first := g.play(1, "loss=0.02,repeat=0.02")
	require.Positive(t, first.Missing)
	g.check(first)

	// The counter of missing records does not disappear within ten minutes without records.
	lastRecord := time.Now()
	time.Sleep(10 * time.Second)
	for _, via := range []string{"scrape", "remote_write"} {
		selector := `{via="` + via + `"}`
		require.InDelta(t, float64(first.Missing), g.number(`sum(cisco_cms_record_missing_total`+selector+`)`), 0)
		at := g.number(`min(timestamp(cisco_cms_record_missing_total` + selector + `))`)
		require.Greater(t, at, float64(lastRecord.Unix()+5), "the series must still be written")
	}

	require.NoError(t, c.Stop())
	start(t, g.cdr, g.config)
	second := g.play(2, "loss=0.02")
	g.check(second)
	for _, via := range []string{"scrape", "remote_write"} {
		selector := `{via="` + via + `"}[10m]`
		both := float64(first.Acknowledged + second.Acknowledged)
		require.InEpsilon(t, both, g.number(`sum(increase(cisco_cms_record_received_total`+selector+`))`), 0.1, "increase must include the records before and after the restart")
		require.Positive(t, g.number(`sum(resets(cisco_cms_record_received_total`+selector+`))`))
	}
}

// recent returns a query for the series with a sample in the last three seconds. Without this
// condition, Prometheus also returns the series that a stopped collector exported by remote
// write, for five minutes after their last sample.
func recent(name, selector string) string {
	return fmt.Sprintf(`(%[1]s{%[2]s} and (time() - timestamp(%[1]s{%[2]s}) < 3))`, name, selector)
}

// check compares the series in Prometheus with the expectation, by scrape and by remote
// write.
func (g *prometheusRig) check(want expect.Counts) {
	g.t.Helper()
	for _, via := range []string{"scrape", "remote_write"} {
		selector := `via="` + via + `"`
		g.eventually(via+": the last record is counted", func() bool {
			return g.number(`sum(`+recent("cisco_cms_record_received_total", selector)+`)`) == float64(want.Acknowledged)
		})
		sumBy := func(label, name string) map[string]int {
			return g.by(label, `sum by (`+label+`) (`+recent(name, selector)+`)`)
		}
		require.Equal(g.t, want.Records, sumBy("cisco_cms_record_type", "cisco_cms_record_received_total"), via)
		require.Equal(g.t, want.CallLegs.Reasons, sumBy("cisco_cms_call_leg_reason", "cisco_cms_call_leg_ends_total"), via)
		require.Equal(g.t, want.CallLegs.Outcomes, sumBy("cisco_cms_call_leg_outcome", "cisco_cms_call_leg_ends_total"), via)
		require.Equal(g.t, want.Alarms, sumBy("cisco_cms_alarm_type", "cisco_cms_alarm_occurrences_total"), via)
		require.InDelta(g.t, float64(want.Missing), g.number(`sum(`+recent("cisco_cms_record_missing_total", selector)+`)`), 0, via)
		require.InDelta(g.t, float64(want.CallLegs.Seconds), g.number(`sum(`+recent("cisco_cms_call_leg_duration_seconds_sum", selector)+`)`), 0.5, via)
		open := float64(total(want.Open.CallLegs))
		require.LessOrEqual(g.t, g.number(`sum(`+recent("cisco_cms_call_leg_active", selector)+`)`), open+float64(want.Missing), via)
		require.Positive(g.t, g.number(`sum(rate(cisco_cms_call_leg_ends_total{`+selector+`}[5m]))`), via)
		median := g.number(`histogram_quantile(0.5, sum by (le) (rate(cisco_cms_call_leg_duration_seconds_bucket{` + selector + `}[5m])))`)
		require.Greater(g.t, median, 1.0, via)
		require.Less(g.t, median, 7200.0, via)
		// The first loss is an increase, because its counter was 0 before.
		require.InEpsilon(g.t, float64(g.missing), g.number(`sum(increase(cisco_cms_record_missing_total{`+selector+`}[5m]))`), 0.5, via)
	}
}

// TestActive checks that the active counts are above 0 during a simulation, and 0 after all
// entities ended. It also checks exemplars, the queries of docs/metrics.md, and that the
// series in the alert rules exist.
func TestActive(t *testing.T) {
	g := newPrometheusRig(t)
	start(t, g.cdr, g.config)
	counts := g.play(3, "")
	for _, via := range []string{"scrape", "remote_write"} {
		selector := `{via="` + via + `"}`
		g.eventually(via+": the last record is counted", func() bool {
			return g.number(`sum(cisco_cms_record_received_total`+selector+`)`) == float64(counts.Acknowledged)
		})
		for _, name := range []string{"cisco_cms_call_active", "cisco_cms_call_leg_active", "cisco_cms_recording_active"} {
			require.NotEmpty(t, g.query(name+selector), "%s %s: its series must stay", via, name)
			require.Zero(t, g.number(`sum(`+name+selector+`)`), "%s %s", via, name)
			require.Positive(t, g.number(`sum(max_over_time(`+name+selector+`[5m]))`), "%s %s", via, name)
		}
	}
	// For Prometheus the first value of a histogram is no increase. Later simulations increase
	// the histograms, so that the queries of checkPage return numbers.
	g.play(6, "")
	g.play(7, "")
	g.checkExemplars()
	g.checkPage(t)
	g.checkAlertSeries()
}

// checkExemplars checks that a histogram has exemplars with trace ids.
func (g *prometheusRig) checkExemplars() {
	g.t.Helper()
	g.eventually("there are exemplars", func() bool {
		text, err := otelcol.Get(g.t.Context(), fmt.Sprintf("%s/api/v1/query_exemplars?query=%s&start=%d&end=%d", g.url,
			url.QueryEscape(`cisco_cms_call_leg_duration_seconds_bucket`), time.Now().Unix()-600, time.Now().Unix()+1))
		return err == nil && regexp.MustCompile(`"trace_id":"[0-9a-f]{32}"`).MatchString(text)
	})
}

var pageRow = regexp.MustCompile("^\\| `([a-z._]+)` \\| [^|]+ \\| `(.+)` \\|$")

// checkPage checks that docs/metrics.md has each metric, and a query for it for which
// Prometheus returns numbers.
func (g *prometheusRig) checkPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/metrics.md")
	require.NoError(t, err)
	var names []string
	for line := range strings.Lines(string(text)) {
		row := pageRow.FindStringSubmatch(strings.TrimSpace(line))
		if row == nil {
			continue
		}
		names = append(names, row[1])
		require.Contains(t, row[2], strings.ReplaceAll(row[1], ".", "_"), "the query is for another metric")
		require.True(t, slices.ContainsFunc(g.query(row[2]), hasNumber), "%s returns no number", row[2])
	}
	require.ElementsMatch(t, metrics.Names(), names)
}

// checkAlertSeries checks that the series in the alert rules exist, except those that exist
// only after an exporter failed.
func (g *prometheusRig) checkAlertSeries() {
	g.t.Helper()
	rules, err := os.ReadFile("../../examples/prometheus/alerts.yaml")
	require.NoError(g.t, err)
	all := regexp.MustCompile(`otelcol_[a-z_]+|cisco_cms_[a-z_]+(_total|_active)`).FindAllString(string(rules), -1)
	require.Greater(g.t, len(all), 10)
	for _, name := range all {
		if strings.HasPrefix(name, "otelcol_exporter_send_failed_") {
			continue
		}
		g.eventually(name+" exists", func() bool { return len(g.query(name)) > 0 })
	}
}

// TestAlerts checks the alert rules and runs their tests with promtool. It also checks that
// the tests contain each alert.
func TestAlerts(t *testing.T) {
	promtool := program(t, "PROMTOOL")
	for _, args := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		command := exec.Command(promtool, args...)
		command.Dir = "../../examples/prometheus"
		out, err := command.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "SUCCESS")
	}
	rules, err := os.ReadFile("../../examples/prometheus/alerts.yaml")
	require.NoError(t, err)
	tests, err := os.ReadFile("../../examples/prometheus/alerts_test.yaml")
	require.NoError(t, err)
	names := regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(string(rules), -1)
	require.Greater(t, len(names), 8)
	for _, name := range names {
		require.Contains(t, string(tests), "alertname: "+name[1], "no test of the alert rules has it")
	}
}
