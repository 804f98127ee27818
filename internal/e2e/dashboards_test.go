package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
)

// dashboard is the part of a Grafana dashboard that the tests use.
type dashboard struct {
	file                    string
	UID, Title, Description string
	Templating              struct{ List []variable }
	Panels                  []panel
}

type variable struct {
	Name, Type string
	// Query is text, or for a variable of type query an object with a query.
	Query json.RawMessage
}

type panel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  struct{ X, Y, W, H int }
	Datasource               struct{ Type, UID string }
	FieldConfig              struct{ Defaults struct{ NoValue string } }
	Targets                  []struct {
		RefID, Expr string
		Query       string // of Jaeger, which has no Expr
		Exemplar    bool
		// LegendFormat has labels in double braces.
		LegendFormat string
	}
}

// dashboards returns the dashboards in examples/grafana.
func dashboards(t *testing.T) (all []dashboard) {
	t.Helper()
	files, err := filepath.Glob("../../examples/grafana/*.json")
	require.NoError(t, err)
	require.Len(t, files, 6)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		d := dashboard{file: filepath.Base(file)}
		require.NoError(t, json.Unmarshal(text, &d), file)
		all = append(all, d)
	}
	return all
}

// query is a query of a panel. where names the dashboard and the panel.
type query struct {
	where, expr, legend string
	exemplar            bool
}

// queriesOf returns the queries of a dashboard for a kind of data source, "prometheus" or
// "loki". It does not replace their variables.
func queriesOf(d dashboard, datasource string) (queries []query) {
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			if p.Datasource.Type == datasource && target.Expr != "" {
				where := fmt.Sprintf("%s, panel %d, %s", d.file, p.ID, p.Title)
				queries = append(queries, query{where: where, expr: target.Expr, legend: target.LegendFormat, exemplar: target.Exemplar})
			}
		}
	}
	return queries
}

// replaceVariables replaces the variables of a query as Grafana does: all sources and
// collectors, a range of five minutes, intervals of a minute, and empty text fields.
// Subqueries with a step of a minute get a step of a second, because each test plays its
// meetings in less than a minute.
func replaceVariables(expr string) string {
	return strings.NewReplacer(
		"[1h:1m]", "[1h:1s]", "[$__range:1m]", "[5m:1s]",
		"$__rate_interval", "1m", "$__interval", "1m", "$__range", "5m",
		"$instance", ".*", "$collector", ".*", "$name", "", "$call", "", "$trace", "",
	).Replace(expr)
}

// TestDashboards checks what can be checked without a server: panels, variables, and the
// names of series and labels.
func TestDashboards(t *testing.T) {
	series, labels := documentedSeries(t)
	usedMetrics := map[string]bool{}
	uids, stats := map[string]bool{}, 0
	for _, d := range dashboards(t) {
		assert.NotEmpty(t, d.Title, d.file)
		assert.NotEmpty(t, d.Description, d.file)
		assert.False(t, uids[d.UID], "%s: another dashboard has the UID %q", d.file, d.UID)
		uids[d.UID] = true
		checkPanels(t, d)
		stats += checkNoValue(t, d)
		checkVariables(t, d, series)
		for _, q := range queriesOf(d, "prometheus") {
			checkPromQL(t, q, series, labels, usedMetrics)
		}
	}
	for _, name := range metrics.Names() {
		assert.True(t, usedMetrics[name], "no panel shows %s", name)
	}
	require.Equal(t, 23, stats)
}

// checkNoValue checks that each stat panel has a text for no value, and that this text of
// each panel of chargeback.json names the example that emits its metrics. It returns the
// number of stat panels.
func checkNoValue(t *testing.T, d dashboard) (stats int) {
	for _, p := range d.Panels {
		if p.Type == "stat" {
			stats++
			assert.NotEmpty(t, p.FieldConfig.Defaults.NoValue, "%s, panel %d, %s", d.file, p.ID, p.Title)
		}
		if d.file == "chargeback.json" && p.Type != "row" {
			assert.Contains(t, p.FieldConfig.Defaults.NoValue, "examples/chargeback.yaml", "panel %d, %s", p.ID, p.Title)
		}
	}
	return stats
}

// checkPanels checks that panels have unique ids and do not overlap, and that each panel
// other than a row has a unique title, a description, queries, and a data source that is
// selected by a variable.
func checkPanels(t *testing.T, d dashboard) {
	ids, titles, occupied := map[int]bool{}, map[string]bool{}, map[[2]int]bool{}
	for _, p := range d.Panels {
		where := fmt.Sprintf("%s, panel %d", d.file, p.ID)
		assert.False(t, ids[p.ID], "%s: the id is not unique", where)
		assert.NotEmpty(t, p.Title, where)
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				assert.Less(t, x, 24, "%s is beyond the right edge", where)
				assert.False(t, occupied[[2]int{x, y}], "%s overlaps another panel", where)
				occupied[[2]int{x, y}] = true
			}
		}
		ids[p.ID] = true
		if p.Type == "row" {
			continue
		}
		assert.False(t, titles[p.Title], "%s: the title is not unique", where)
		titles[p.Title] = true
		assert.Regexp(t, `^[\p{L}\d].*\.$`, p.Description, where)
		assert.NotEmpty(t, p.Targets, where)
		assert.Contains(t, []string{"prometheus", "loki", "jaeger"}, p.Datasource.Type, where)
		assert.Equal(t, "${"+p.Datasource.Type+"}", p.Datasource.UID, where)
	}
}

// checkVariables checks that the dashboard defines each variable in its queries and each
// data source of its panels, and that the series from which variables get their values exist.
func checkVariables(t *testing.T, d dashboard, series map[string]string) {
	defined := map[string]bool{"__rate_interval": true, "__interval": true, "__range": true}
	for _, v := range d.Templating.List {
		defined[v.Name] = true
		if v.Type == "query" {
			name := regexp.MustCompile(`label_values\((\w+), instance\)`).FindStringSubmatch(string(v.Query))
			if assert.NotNil(t, name, "%s: $%s", d.file, v.Name) {
				assert.Contains(t, series, name[1], "%s: $%s", d.file, v.Name)
			}
		}
	}
	for _, p := range d.Panels {
		if p.Type != "row" {
			assert.True(t, defined[p.Datasource.Type], "%s: panel %d uses the undefined data source %s", d.file, p.ID, p.Datasource.Type)
		}
		for _, target := range p.Targets {
			for _, name := range regexp.MustCompile(`\$(\w+)`).FindAllStringSubmatch(target.Expr+" "+target.Query, -1) {
				assert.True(t, defined[name[1]], "%s: panel %d uses the undefined variable $%s", d.file, p.ID, name[1])
			}
		}
	}
}

var (
	selector   = regexp.MustCompile(`\{[^}]*\}`)
	grouping   = regexp.MustCompile(`\b(?:by|without|on|ignoring|group_left|group_right) ?\(([^)]*)\)`)
	metricName = regexp.MustCompile(`\b(?:(?:cisco|otelcol|chargeback)_\w+|target_info)`)
	labelName  = regexp.MustCompile(`[a-z_]+`)
	matcher    = regexp.MustCompile(`(\w+)(?:=~|!~|!=|=)"`)
	quoted     = regexp.MustCompile(`"[^"]*"`)
	legendName = regexp.MustCompile(`\{\{(\w+)\}\}`)
)

// checkPromQL checks that the query and its legend use existing series and labels, that a
// query with groups groups by the labels of its legend, and that a query with exemplars
// uses only series of buckets. It adds the metrics of the series to usedMetrics.
func checkPromQL(t *testing.T, q query, series map[string]string, labels map[string]bool, usedMetrics map[string]bool) {
	var used []string
	for _, braces := range selector.FindAllString(q.expr, -1) {
		for _, label := range matcher.FindAllStringSubmatch(braces, -1) {
			used = append(used, label[1])
		}
	}
	var groups []string
	for _, group := range grouping.FindAllStringSubmatch(q.expr, -1) {
		groups = append(groups, labelName.FindAllString(group[1], -1)...)
	}
	for _, label := range append(used, groups...) {
		assert.True(t, labels[label], "%s: there is no label %s", q.where, label)
	}
	for _, label := range legendName.FindAllStringSubmatch(q.legend, -1) {
		if len(groups) > 0 {
			assert.Contains(t, groups, label[1], "%s: the query does not group by the label of the legend", q.where)
		}
		assert.True(t, labels[label[1]], "%s: there is no label %s", q.where, label[1])
	}
	rest := q.expr
	for _, pattern := range []*regexp.Regexp{selector, grouping, quoted} {
		rest = pattern.ReplaceAllString(rest, "")
	}
	names := metricName.FindAllString(rest, -1)
	assert.NotEmpty(t, names, q.where)
	for _, name := range names {
		metric, exists := series[name]
		assert.True(t, exists, "%s: there is no series %s", q.where, name)
		usedMetrics[metric] = true
		assert.False(t, q.exemplar && !strings.HasSuffix(name, "_bucket"), "%s: %s has no exemplars", q.where, name)
	}
}

// queryOf returns the query of a panel's target, with its variables replaced.
func queryOf(t *testing.T, file, title, refID string) string {
	t.Helper()
	for _, d := range dashboards(t) {
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				if d.file == file && p.Title == title && target.RefID == refID {
					return replaceVariables(target.Expr)
				}
			}
		}
	}
	t.Fatalf("%s has no panel %q with a query %s", file, title, refID)
	return ""
}
