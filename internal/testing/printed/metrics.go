package printed

import (
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Metrics formats each series as a line, in sorted order: the instance, name and attributes,
// and the value, or the count and sum of a histogram. It omits counters and up-down counters
// that are 0, because every source has many. The values of sums must be integers. A metric of
// another type has one line, which says that it is not printed.
func Metrics(metrics pmetric.Metrics) string {
	var lines []string
	for _, resource := range metrics.ResourceMetrics().All() {
		instance, _ := resource.Resource().Attributes().Get("service.instance.id")
		for _, scope := range resource.ScopeMetrics().All() {
			for _, metric := range scope.Metrics().All() {
				lines = append(lines, series(instance.AsString()+" "+metric.Name(), metric)...)
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func series(name string, metric pmetric.Metric) (lines []string) {
	switch metric.Type() {
	case pmetric.MetricTypeSum:
		for _, point := range metric.Sum().DataPoints().All() {
			if point.IntValue() == 0 {
				continue
			}
			lines = append(lines, fmt.Sprintf("%s%s %d\n", name, labels(point.Attributes()), point.IntValue()))
		}
	case pmetric.MetricTypeHistogram:
		for _, point := range metric.Histogram().DataPoints().All() {
			lines = append(lines, fmt.Sprintf("%s%s count %d sum %g\n", name, labels(point.Attributes()), point.Count(), point.Sum()))
		}
	default:
		lines = append(lines, fmt.Sprintf("%s is a %s, which is not printed\n", name, metric.Type()))
	}
	return lines
}

func labels(m pcommon.Map) string {
	var parts []string
	for key, v := range m.All() {
		parts = append(parts, key+"="+value(v))
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, ", ") + "}"
}
