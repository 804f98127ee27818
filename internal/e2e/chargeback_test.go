package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// chargebackCollector overrides examples/jaeger-loki-prometheus.yaml and
// examples/chargeback.yaml: it sets addresses and the log level, shortens intervals, and
// replaces exporters whose targets do not run.
const chargebackCollector = `yaml:
receivers: {cms_cdr: {http: {endpoint: %q}, metrics: {interval: 1s}}}
connectors: {span_metrics/chargeback: {metrics_flush_interval: 250ms}}
exporters: {prometheus: {endpoint: %q}, nop: {}}
service:
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: %s}}}}]}, logs: {level: error}}
  pipelines: {traces: {exporters: [nop]}, logs: {exporters: [nop]}}
`

// startCharging starts a collector with the two examples and chargebackCollector, and a
// Prometheus that scrapes it. It returns the Prometheus, where the collector receives CDRs,
// and where it is scraped.
func startCharging(t *testing.T) (p *prometheus, receiverURI, scrape string) {
	t.Helper()
	address, scrape := freeAddress(t), freeAddress(t)
	own := freeAddress(t)
	p = startPrometheus(t, scrape, own)
	_, ownPort, _ := strings.Cut(own, ":")
	startLogged(t, "http://"+address+"/cdr", filepath.Join("..", "..", "examples", "chargeback.yaml"),
		filepath.Join("..", "..", "examples", "jaeger-loki-prometheus.yaml"), fmt.Sprintf(chargebackCollector, address, scrape, ownPort))
	return p, "http://" + address + "/cdr", scrape
}

// TestChargebackKeepsEndpoints checks that the command in docs/operating.md leaves the endpoints
// of the extended configuration unchanged. Otherwise a receiver that listens on port 8443 or for
// this machine only would listen on port 8080 of all addresses.
func TestChargebackKeepsEndpoints(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operating.md"))
	require.NoError(t, err)
	command := regexp.MustCompile(`otelcol-cms (--config \S+ --config \S+)\n`).FindStringSubmatch(string(page))
	require.Len(t, command, 2)
	t.Setenv("CDR_SECRET", "s3cret")
	run := exec.Command(binary(t), append([]string{"print-config", "--mode", "unredacted"},
		strings.Fields(strings.Replace(command[1], "jaeger-loki-prometheus.yaml", "tls.yaml", 1))...)...)
	run.Dir = filepath.Join("..", "..", "examples")
	out, err := run.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "endpoint: 0.0.0.0:8443\n")
	require.NotContains(t, string(out), "endpoint: 0.0.0.0:8080\n")
}

// TestChargeback checks that the numbers and durations of legs by tenant, coSpace and tag are
// those that the Call Bridges reported, that each PromQL query of docs/operating.md and each
// query of chargeback.json returns numbers, and that no metric contains a name of a person.
func TestChargeback(t *testing.T) {
	p, receiverURI, scrape := startCharging(t)
	truth := playKnownMeetings(t, receiverURI, 21)

	legs := truth.sum((*reportedLeg).isParticipant, truth.tenant, countOne)
	p.eventually("all legs are counted", func() bool {
		return p.number(`sum(chargeback_legs_calls_total)`) == float64(total(legs))
	})
	for label, key := range map[string]func(*reportedLeg) string{
		"cisco_cms_tenant_id": truth.tenant, "cisco_cms_cospace_id": truth.space, "cisco_cms_call_cdr_tag": truth.tag,
	} {
		require.Equal(t, truth.sum((*reportedLeg).isParticipant, key, countOne), p.by(label, `sum by (`+label+`) (chargeback_legs_calls_total)`))
		require.Equal(t, truth.sum((*reportedLeg).isParticipant, key, (*reportedLeg).seconds), p.by(label, `sum by (`+label+`) (chargeback_legs_duration_seconds_sum)`))
	}

	t.Run("names", func(t *testing.T) { requireNoNames(t, scrape, truth) })
	t.Run("series", func(t *testing.T) {
		combinations := map[[3]string]bool{}
		for _, leg := range truth.legs {
			if leg.isParticipant() {
				combinations[[3]string{truth.tenant(leg), truth.space(leg), truth.tag(leg)}] = true
			}
		}
		sources := p.number(`count(count by (instance) (chargeback_legs_calls_total))`)
		series := p.number(`count({__name__=~"chargeback_.+"})`)
		require.LessOrEqual(t, series, 4*sources*float64(len(combinations)), "the example says how many series it emits")
		require.Equal(t, series, 4*p.number(`count(chargeback_legs_calls_total)`))
	})
	t.Run("questions", func(t *testing.T) {
		before := p.legsBySeries()
		later := playKnownMeetings(t, receiverURI, 23)
		all := total(legs) + total(later.sum((*reportedLeg).isParticipant, later.tenant, countOne))
		p.eventually("all legs of the later meetings are counted", func() bool {
			return p.number(`sum(chargeback_legs_calls_total)`) == float64(all)
		})
		asked := questions(t, "promql")
		require.Len(t, asked, 3)
		for title, query := range asked {
			require.True(t, slices.ContainsFunc(p.query(query), isPositive), title)
		}
		p.checkChargebackDashboard(t, before, later)
	})
}

// chargebackSeries are the labels of a series.
type chargebackSeries struct{ instance, tenant, space, tag string }

// legsBySeries returns the number of legs of each series, as text.
func (p *prometheus) legsBySeries() map[chargebackSeries]string {
	values := map[chargebackSeries]string{}
	for _, s := range p.query(`chargeback_legs_calls_total`) {
		values[chargebackSeries{
			s.Metric["instance"], s.Metric["cisco_cms_tenant_id"], s.Metric["cisco_cms_cospace_id"], s.Metric["cisco_cms_call_cdr_tag"],
		}], _ = s.Value[1].(string)
	}
	return values
}

// checkChargebackDashboard checks that each query of the dashboard returns numbers. The
// panels of legs by tenant and by tag must show each tenant or tag with a series that is in
// before and increased since then, and may show only tenants and tags in truth. Series that
// are not in before are not required, because Prometheus does not see the first value of a
// series as an increase.
func (p *prometheus) checkChargebackDashboard(t *testing.T, before map[chargebackSeries]string, truth *groundTruth) {
	t.Helper()
	all := dashboards(t)
	at := slices.IndexFunc(all, func(d dashboard) bool { return d.file == "chargeback.json" })
	require.GreaterOrEqual(t, at, 0)
	require.Equal(t, 10, p.checkDashboard(t, all[at]))

	tenants, tags := map[string]bool{}, map[string]bool{}
	for series, legs := range p.legsBySeries() {
		if was, existed := before[series]; existed && was != legs {
			tenants[cmp.Or(series.tenant, "none")], tags[cmp.Or(series.tag, "none")] = true, true
		}
	}
	for _, panel := range []struct {
		title, label string
		increased    map[string]bool
		key          func(*reportedLeg) string
	}{
		{"tenant", "cisco_cms_tenant_id", tenants, truth.tenant},
		{"tag", "cisco_cms_call_cdr_tag", tags, truth.tag},
	} {
		var used []string
		for name := range truth.sum((*reportedLeg).isParticipant, panel.key, countOne) {
			used = append(used, cmp.Or(name, "none"))
		}
		shown := slices.Collect(maps.Keys(p.by(panel.label, queryOf(t, "chargeback.json", "Legs, by "+panel.title, "A"))))
		require.GreaterOrEqual(t, len(panel.increased), 2, panel.title)
		require.Subset(t, shown, slices.Collect(maps.Keys(panel.increased)), panel.title)
		require.Subset(t, used, shown, panel.title)
	}
}

// requireNoNames checks that no text that names a person is in the metrics.
func requireNoNames(t *testing.T, scrape string, truth *groundTruth) {
	t.Helper()
	text, err := otelcol.Get(t.Context(), "http://"+scrape+"/metrics")
	require.NoError(t, err)
	require.Contains(t, text, "chargeback_legs_calls_total{")
	for name := range truth.people(t) {
		require.NotContains(t, text, name)
	}
}

func isPositive(s sample) bool {
	text, _ := s.Value[1].(string)
	return hasNumber(s) && text != "0"
}
