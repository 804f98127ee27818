package main

import (
	"fmt"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// sample is the value of a series.
type sample struct {
	name   string
	labels map[string]string
	value  float64
}

// samples parses Prometheus' text format. It omits the buckets of histograms.
func samples(text string) (all []sample, err error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("cannot read the metrics: %w", err)
	}
	for name, family := range families {
		for _, metric := range family.GetMetric() {
			all = append(all, valuesOf(name, metric)...)
		}
	}
	return all, nil
}

func valuesOf(name string, metric *dto.Metric) []sample {
	labels := map[string]string{}
	for _, pair := range metric.GetLabel() {
		labels[pair.GetName()] = pair.GetValue()
	}
	if histogram := metric.GetHistogram(); histogram != nil {
		return []sample{
			{name + "_sum", labels, histogram.GetSampleSum()}, {name + "_count", labels, float64(histogram.GetSampleCount())},
		}
	}
	value := metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + metric.GetUntyped().GetValue()
	return []sample{{name, labels, value}}
}

// query is a sum over series, which is the part of PromQL that the figures need. The query
// is both printed in PromQL and computed from the exposed metrics.
type query struct {
	metric       string
	label, value string  // selects the series whose label has the value, if set
	by           string  // label that groups the sum, if set
	divisor      float64 // divides the sum, if set
}

// String returns the query in PromQL.
func (q query) String() string {
	series := q.metric
	if q.label != "" {
		series += "{" + q.label + "=" + strconv.Quote(q.value) + "}"
	}
	out := "sum(" + series + ")"
	if q.by != "" {
		out = "sum by (" + q.by + ") (" + series + ")"
	}
	if q.divisor != 0 {
		out += fmt.Sprint(" / ", q.divisor)
	}
	return out
}

// answer returns a sum for each value of the label q.by, or one sum with an empty key if
// q.by is empty. The answer is empty if no series matches.
func (q query) answer(all []sample) map[string]float64 {
	out := map[string]float64{}
	for _, s := range all {
		if s.name != q.metric || q.label != "" && s.labels[q.label] != q.value {
			continue
		}
		value := s.value
		if q.divisor != 0 {
			value /= q.divisor
		}
		out[s.labels[q.by]] += value
	}
	return out
}
