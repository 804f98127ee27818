package cmscdrreceiver

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"golang.org/x/tools/txtar"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
	"github.com/cmscdr/cmscdrreceiver/internal/metrics"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// headings holds the headings of docs/telemetry.md under which emitted names are
// documented, and the minimum number of names that must be emitted for each. Without the
// minimum the test would succeed if it found neither emitted nor documented names.
var headings = map[string]int{
	"Sources": 4, "Spans": 4, "Events": 6, "Links": 1, "Meeting": 5, "Call": 16, "Call leg": 55, "Recording": 6, "Streaming": 7,
	"Unknown to the receiver": 3, "Logs": 30, "Metrics": 45,
}

// spanHeadings holds the headings of span attributes, by kind of span.
var spanHeadings = map[string]string{
	"meeting": "Meeting", "call": "Call", "call_leg": "Call leg", "recording": "Recording", "streaming": "Streaming",
}

// notEmitted holds, by heading, attributes that are documented for every span but that
// the spans under this heading cannot have.
var notEmitted = map[string]map[string]bool{
	"Meeting": {"cisco.cms.call.id": true},
}

// TestDocumentation checks that the names in docs/telemetry.md are exactly the emitted ones,
// under each heading: the texts in backticks that dotted matches, and the kinds of spans. It
// also checks the table of metrics, and that each emitted value of a metric attribute is
// documented.
func TestDocumentation(t *testing.T) {
	page := readPage(t)
	emitted := emittedNames{names: names{}, metrics: map[string]instrument{}, values: map[string]bool{}}
	emitted.playScenarios(t)
	var faults simulate.Faults
	require.NoError(t, faults.Set("loss=0.01,repeat=0.05,restart=1,outage=1,scanner=2"))
	rig := newRig(t, nil)
	rig.simulate(simulate.Config{Bridges: 4, Duration: 30 * time.Minute, Seed: 7, Faults: faults})
	rig.post("/cdr", `<records session="s"><record correlatorIndex="1">`+strings.Repeat("x", cdr.MaxRecord)+`</record></records>`)
	emitted.collect(rig)
	for heading, minimum := range headings {
		require.GreaterOrEqual(t, len(emitted.names[heading]), minimum, "at least %d names of the heading %s must be emitted", minimum, heading)
		for name := range emitted.names[heading] {
			require.True(t, page.names[heading][name], "%s is emitted and must be documented under %s", name, heading)
		}
	}
	for heading, documented := range page.names {
		for name := range documented {
			require.NotEqual(t, emitted.has(heading, name), notEmitted[heading][name],
				"%s, documented under %s, must either be emitted or be in notEmitted", name, heading)
		}
	}
	require.Equal(t, emitted.metrics, page.metrics, "the table of metrics must list what is emitted")
	require.GreaterOrEqual(t, len(emitted.values), 40)
	for value := range emitted.values {
		require.Contains(t, page.text, "`"+value+"`", "every value of a metric attribute must be documented")
	}
}

// names holds a set of names for each heading.
type names map[string]map[string]bool

func (n names) add(heading, name string) {
	// Unknown elements and attributes are named by their place in the record.
	if path, isExtra := strings.CutPrefix(name, "cisco.cms.extra."); isExtra {
		heading, name = "Unknown to the receiver", "cisco.cms.extra.<path>"
		if parent, _, isAttribute := strings.Cut(path, "."); isAttribute && (parent == "record" || parent == "records") {
			name = "cisco.cms.extra." + parent + ".<attribute>"
		}
	}
	if strings.HasPrefix(name, "cisco.cms.uri.") {
		name = "cisco.cms.uri.<name>"
	}
	if n[heading] == nil {
		n[heading] = map[string]bool{}
	}
	n[heading][name] = true
}

// instrument is a row of the table of metrics, with sorted attributes.
type instrument struct{ kind, unit, attributes string }

// emittedNames collects the names in emitted telemetry.
type emittedNames struct {
	names
	metrics map[string]instrument
	values  map[string]bool // of metric attributes
}

// has reports whether the name was emitted under the heading. If headings does not list
// the heading, has reports whether the name was emitted under any heading.
func (e *emittedNames) has(heading, name string) bool {
	if headings[heading] > 0 {
		return e.names[heading][name]
	}
	for _, set := range e.names {
		if set[name] {
			return true
		}
	}
	return false
}

// playScenarios collects the telemetry of all scenarios.
func (e *emittedNames) playScenarios(t *testing.T) {
	for _, files := range scenarios(t) {
		rig := newRig(t, func(cfg *Config) {
			settings(t, files[0])(cfg)
			cfg.IncludeOriginal = true
		})
		for _, file := range files {
			archive, err := txtar.ParseFile(file)
			require.NoError(t, err)
			for _, member := range archive.Files {
				if act := actions[member.Name]; act != nil {
					act(rig, string(member.Data))
					e.collect(rig)
				}
			}
		}
	}
}

// collect adds the names of the telemetry of the rig.
func (e *emittedNames) collect(rig *rig) {
	for _, logs := range rig.logs.AllLogs() {
		resource := logs.ResourceLogs().At(0)
		e.addKeys("Sources", resource.Resource().Attributes())
		for _, record := range resource.ScopeLogs().At(0).LogRecords().All() {
			e.add("Logs", record.EventName())
			e.addKeys("Logs", record.Attributes())
		}
	}
	for _, traces := range rig.traces.AllTraces() {
		resource := traces.ResourceSpans().At(0)
		e.addKeys("Sources", resource.Resource().Attributes())
		for _, span := range resource.ScopeSpans().At(0).Spans().All() {
			e.addSpan(span)
		}
	}
	for _, resource := range rig.series().ResourceMetrics().All() {
		e.addKeys("Sources", resource.Resource().Attributes())
		for _, metric := range resource.ScopeMetrics().At(0).Metrics().All() {
			e.addMetric(rig, metric)
		}
	}
}

func (e *emittedNames) addKeys(heading string, attributes pcommon.Map) {
	for key := range attributes.All() {
		e.add(heading, key)
	}
}

func (e *emittedNames) addSpan(span ptrace.Span) {
	kind := printed.Kind(span.Name())
	e.add("Spans", kind)
	e.addKeys(spanHeadings[kind], span.Attributes())
	for _, link := range span.Links().All() {
		e.addKeys("Links", link.Attributes())
	}
	for _, event := range span.Events().All() {
		e.add("Events", event.Name())
		if event.Name() == "cisco.cms.call_leg.updated" {
			e.addKeys(spanHeadings[kind], event.Attributes()) // the event has attributes of the span
		} else {
			e.addKeys("Events", event.Attributes())
		}
	}
}

func (e *emittedNames) addMetric(rig *rig, metric pmetric.Metric) {
	keys := map[string]bool{}
	for _, key := range strings.Fields(e.metrics[metric.Name()].attributes) {
		keys[key] = true
	}
	rig.eachPoint(metric.Name(), func(attributes pcommon.Map, _ int, _ float64) {
		for key, value := range attributes.All() {
			e.add("Metrics", key)
			keys[key], e.values[value.AsString()] = true, true
		}
	})
	kind := "Histogram"
	if metric.Type() == pmetric.MetricTypeSum {
		kind = "UpDownCounter"
		if metric.Sum().IsMonotonic() {
			kind = "Counter"
		}
	}
	e.add("Metrics", metric.Name())
	e.metrics[metric.Name()] = instrument{kind, metric.Unit(), strings.Join(slices.Sorted(maps.Keys(keys)), " ")}
}

// page is what docs/telemetry.md documents.
type page struct {
	names
	text    string
	metrics map[string]instrument
}

var (
	quoted = regexp.MustCompile("`([^`]+)`")
	dotted = regexp.MustCompile(`^(cisco\.cms|network\.io|service|error|client|log\.record)\.`)
	// Rows of the tables of spans, of metrics, and of the attributes of a class.
	spanRow   = regexp.MustCompile("^\\| `([a-z_]+)[^|]*\\| (internal|incoming)")
	metricRow = regexp.MustCompile("^\\| `([^`]+)` \\| (\\w*Counter|Histogram) \\| `([^`]+)` \\| ([a-z, ]+) \\|")
	classRow  = regexp.MustCompile("^\\| ([a-z]+) \\| `([^`]+)` \\|")
)

// readPage parses docs/telemetry.md.
func readPage(t *testing.T) *page {
	text, err := os.ReadFile("../docs/telemetry.md")
	require.NoError(t, err)
	p := &page{names: names{}, text: string(text), metrics: map[string]instrument{}}
	heading, classes := "", map[string][]string{}
	for line := range strings.Lines(p.text) {
		if title, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && line[0] == '#' {
			heading = strings.TrimSpace(title)
		}
		for _, token := range quoted.FindAllStringSubmatch(line, -1) {
			headings := []string{heading}
			if heading == "Every span" {
				headings = slices.Collect(maps.Values(spanHeadings))
			}
			for _, heading := range headings {
				if dotted.MatchString(token[1]) {
					p.add(heading, token[1])
				}
			}
		}
		if row := spanRow.FindStringSubmatch(line); row != nil {
			p.add("Spans", row[1])
		} else if row := metricRow.FindStringSubmatch(line); row != nil {
			p.metrics[row[1]] = instrument{row[2], row[3], row[4]}
		} else if row := classRow.FindStringSubmatch(line); row != nil && heading == "Metrics" {
			classes[row[1]] = append(classes[row[1]], row[2])
		}
	}
	for name, metric := range p.metrics {
		var keys []string
		for word := range strings.SplitSeq(metric.attributes, ", ") {
			keys = append(keys, classes[word]...)
		}
		slices.Sort(keys)
		p.metrics[name] = instrument{metric.kind, metric.unit, strings.Join(keys, " ")}
	}
	return p
}

// TestCorrelationPage checks that each rule of docs/correlation.md names one or more
// scenarios, all of which exist, and that each scenario is named there or shows no rule of
// correlation.
func TestCorrelationPage(t *testing.T) {
	text, err := os.ReadFile("../docs/correlation.md")
	require.NoError(t, err)
	// Scenarios that show no rule of correlation need not be mentioned.
	mentioned := map[string]bool{
		"bad_record": true, "bad_input": true, "missing_records": true, "refused_traces": true, "sources": true, "two_uris": true,
		"unusual_notations": true, "unlisted_values": true, "uri_parameters": true, "snapshots": true, "reported_missing": true,
	}
	rules := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, " | ")
		if len(cells) != 2 || strings.HasPrefix(line, "| rule") || strings.HasPrefix(line, "| ---") {
			continue
		}
		rules++
		scenarios := quoted.FindAllStringSubmatch(cells[1], -1)
		require.NotEmpty(t, scenarios, "a scenario must show the rule: %s", cells[0])
		for _, scenario := range scenarios {
			require.DirExists(t, filepath.Join("../testdata/scenarios", scenario[1]))
			mentioned[scenario[1]] = true
		}
	}
	require.Greater(t, rules, 25)
	for folder := range scenarios(t) {
		require.True(t, mentioned[filepath.Base(folder)], "docs/correlation.md must mention %s", folder)
	}
}

// TestMetricsPage checks that docs/metrics.md lists each metric once, with a query
// that uses it. make e2e-prometheus runs the queries.
func TestMetricsPage(t *testing.T) {
	text, err := os.ReadFile("../docs/metrics.md")
	require.NoError(t, err)
	row := regexp.MustCompile("(?m)^\\| `([a-z._]+)` \\| [^|]+ \\| `(.+)` \\|$")
	var names []string
	for _, cells := range row.FindAllStringSubmatch(string(text), -1) {
		names = append(names, cells[1])
		require.Contains(t, cells[2], strings.ReplaceAll(cells[1], ".", "_"))
	}
	require.ElementsMatch(t, metrics.Names(), names)
}
