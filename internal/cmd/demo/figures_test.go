package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const exposition = `# HELP ends_total ends
# TYPE ends_total counter
ends_total{how="well",who="a\"} b"} 2
ends_total{how="well",who="c"} 3
ends_total{how="badly",who="c"} 1
ends_total{how="never",who="c"} 0
# TYPE length_seconds histogram
length_seconds_bucket{who="c",le="60"} 1
length_seconds_bucket{who="c",le="+Inf"} 2
length_seconds_sum{who="c"} 90
length_seconds_count{who="c"} 2
# TYPE now gauge
now 7
`

// TestQuery checks the PromQL of each query and its computed answer. Nothing evaluates the
// PromQL.
func TestQuery(t *testing.T) {
	all, err := samples(exposition)
	require.NoError(t, err)
	cases := []struct {
		query  query
		promQL string
		answer map[string]float64
	}{
		{query{metric: "ends_total"}, `sum(ends_total)`, map[string]float64{"": 6}},
		{query{metric: "ends_total", label: "who", value: `a"} b`}, `sum(ends_total{who="a\"} b"})`, map[string]float64{"": 2}},
		{query{metric: "ends_total", by: "how"}, `sum by (how) (ends_total)`, map[string]float64{"well": 5, "badly": 1, "never": 0}},
		{query{metric: "length_seconds_sum", label: "who", value: "c", divisor: 60}, `sum(length_seconds_sum{who="c"}) / 60`, map[string]float64{"": 1.5}},
		{query{metric: "length_seconds_count"}, `sum(length_seconds_count)`, map[string]float64{"": 2}},
		{query{metric: "now"}, `sum(now)`, map[string]float64{"": 7}},
		{query{metric: "absent"}, `sum(absent)`, map[string]float64{}},
	}
	require.Len(t, cases, 7)
	for _, c := range cases {
		require.Equal(t, c.promQL, c.query.String())
		require.Equal(t, c.answer, c.query.answer(all), c.promQL)
	}
	_, err = samples("{not metrics\n")
	require.ErrorContains(t, err, "cannot read the metrics")
}

// TestFigures checks that each query is printed once, and that a query without a
// series is an error, because a missing series is not 0.
func TestFigures(t *testing.T) {
	require.GreaterOrEqual(t, len(figures), 12)
	var all []sample
	for _, f := range figures {
		for n, value := range []string{"one", "two", "three"} {
			labels := map[string]string{"instance": value}
			if f.query.by != "" {
				labels[f.query.by] = value
			}
			if f.query.label != "" {
				labels[f.query.label] = f.query.value
			}
			all = append(all, sample{f.query.metric, labels, float64(n)})
		}
	}
	var out bytes.Buffer
	require.NoError(t, showFigures(&page{out: &out}, all))
	for _, f := range figures {
		require.Equal(t, 1, strings.Count(out.String(), " "+f.query.String()+"\n"), f.query)
		require.LessOrEqual(t, len(f.name), 15, "the width of the column of names")
	}
	for line := range strings.Lines(out.String()) {
		require.LessOrEqual(t, width(line), columns+1, line)
	}
	require.NotContains(t, out.String(), " one", "a value of 0 must not be printed")
	require.Contains(t, out.String(), "      1 two\n", "the query must be printed only with the first value")

	require.EqualError(t, showFigures(&page{out: &out}, nil), "no series matches sum(cisco_cms_meeting_starts_total)")
}

func TestFormatNumber(t *testing.T) {
	for number, want := range map[float64]string{0: "0", 12: "12", 91.633: "91.6", 0.04: "0.0"} {
		require.Equal(t, want, formatNumber(number), fmt.Sprint(number))
	}
}
