package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// charging is the everyday example and the one for chargeback together, in which a
// minute takes a second. Its exporters that a test does without go nowhere.
const charging = `yaml:
receivers: {cms_cdr: {http: {endpoint: %q}, metrics: {interval: 1s}}}
connectors: {span_metrics/chargeback: {metrics_flush_interval: 250ms}}
exporters: {prometheus: {endpoint: %q}, nop: {}}
service:
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: %s}}}}]}, logs: {level: error}}
  pipelines: {traces: {exporters: [nop]}, logs: {exporters: [nop]}}
`

// startCharging starts that collector and a Prometheus that watches it. It returns where
// the collector receives CDRs and where it is scraped.
func startCharging(t *testing.T) (p *prometheus, cdr, scrape string) {
	t.Helper()
	cdr, scrape = freeAddress(t), freeAddress(t)
	own := freeAddress(t)
	p = startPrometheus(t, scrape, own)
	_, ownPort, _ := strings.Cut(own, ":")
	startLoud(t, "http://"+cdr+"/cdr", filepath.Join("..", "..", "examples", "jaeger-loki-prometheus.yaml"),
		filepath.Join("..", "..", "examples", "chargeback.yaml"), fmt.Sprintf(charging, cdr, scrape, ownPort))
	return p, "http://" + cdr + "/cdr", scrape
}

// TestChargeback: legs and minutes are those that the Call Bridges told, by tenant,
// coSpace and tag; the page's queries give them; and no metric names anybody.
func TestChargeback(t *testing.T) {
	p, cdr, scrape := startCharging(t)
	heard := playOverheard(t, cdr, 21)

	legs := heard.sum((*heardLeg).isParticipant, heard.tenant, one)
	p.eventually("all legs are counted", func() bool {
		return p.number(`sum(chargeback_legs_calls_total)`) == float64(total(legs))
	})
	for label, key := range map[string]func(*heardLeg) string{
		"cisco_cms_tenant_id": heard.tenant, "cisco_cms_cospace_id": heard.space, "cisco_cms_call_cdr_tag": heard.tag,
	} {
		require.Equal(t, heard.sum((*heardLeg).isParticipant, key, one), p.by(label, `sum by (`+label+`) (chargeback_legs_calls_total)`))
		require.Equal(t, heard.sum((*heardLeg).isParticipant, key, (*heardLeg).seconds), p.by(label, `sum by (`+label+`) (chargeback_legs_duration_seconds_sum)`))
	}

	t.Run("names", func(t *testing.T) { requireNobody(t, scrape, heard) })
	t.Run("series", func(t *testing.T) {
		combinations := map[[3]string]bool{}
		for _, leg := range heard.legs {
			if leg.isParticipant() {
				combinations[[3]string{heard.tenant(leg), heard.space(leg), heard.tag(leg)}] = true
			}
		}
		sources := p.number(`count(count by (instance) (chargeback_legs_calls_total))`)
		series := p.number(`count({__name__=~"chargeback_.+"})`)
		require.LessOrEqual(t, series, 4*sources*float64(len(combinations)), "the page says what it costs")
		require.Equal(t, series, 4*p.number(`count(chargeback_legs_calls_total)`))
	})
	t.Run("questions", func(t *testing.T) {
		// Prometheus sees an increase only in what was there before.
		later := playOverheard(t, cdr, 23)
		asked := questions(t, "promql")
		require.Len(t, asked, 3)
		for title, query := range asked {
			p.eventually(title, func() bool { return slices.ContainsFunc(p.query(query), isPositive) })
		}
		p.checkChargebackDashboard(t, later)
	})
}

// checkChargebackDashboard: its panels have numbers, those by tenant and by tag for each
// that was used. What was heard is what came last.
func (p *prometheus) checkChargebackDashboard(t *testing.T, heard *overheard) {
	t.Helper()
	all := dashboards(t)
	at := slices.IndexFunc(all, func(d dashboard) bool { return d.file == "chargeback.json" })
	require.GreaterOrEqual(t, at, 0)
	require.Equal(t, 10, p.checkDashboard(t, all[at]))
	for title, key := range map[string]func(*heardLeg) string{"tenant": heard.tenant, "tag": heard.tag} {
		var used []string
		for name := range heard.sum((*heardLeg).isParticipant, key, one) {
			used = append(used, cmp.Or(name, "none"))
		}
		label := map[string]string{"tenant": "cisco_cms_tenant_id", "tag": "cisco_cms_call_cdr_tag"}[title]
		shown := p.by(label, queryOf(t, "chargeback.json", "Legs, by "+title, "A"))
		require.ElementsMatch(t, used, slices.Collect(maps.Keys(shown)), title)
	}
}

// requireNobody: of all that names somebody nothing is in the metrics.
func requireNobody(t *testing.T, scrape string, heard *overheard) {
	t.Helper()
	text, err := otelcol.Get(t.Context(), "http://"+scrape+"/metrics")
	require.NoError(t, err)
	require.Contains(t, text, "chargeback_legs_calls_total{")
	for name := range heard.people(t) {
		require.NotContains(t, text, name)
	}
}

func isPositive(s sample) bool {
	text, _ := s.Value[1].(string)
	return hasNumber(s) && text != "0"
}
