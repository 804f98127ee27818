package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// collector is a collector that runs, on free ports of the loopback interface.
type collector struct {
	*otelcol.Collector
	cdr     string // where to post
	metrics string // where to scrape
}

// overlay changes of the user's configuration what the show needs: free ports,
// a short interval, and an exporter that brings everything here.
const overlay = `yaml:
receivers: {cms_cdr: {http: {endpoint: %q}, metrics: {interval: 1s}}}
exporters:
  otlp_http: {endpoint: %q, compression: none}
  prometheus: {endpoint: %q}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {exporters: [otlp_http]}
    logs: {exporters: [otlp_http]}
`

// start starts the collector with the configuration; logs and spans go to sink.
func start(ctx context.Context, binary, config, sink string) (*collector, error) {
	cdr, err := otelcol.FreeAddress()
	if err != nil {
		return nil, err
	}
	prometheus, err := otelcol.FreeAddress()
	if err != nil {
		return nil, err
	}
	c := &collector{cdr: "http://" + cdr + "/cdr", metrics: "http://" + prometheus + "/metrics"}
	c.Collector, err = otelcol.Start(ctx, binary, config, fmt.Sprintf(overlay, cdr, sink, prometheus))
	return c, err
}

// scrape waits until the samples of that name add up to want and returns all of
// them, as Prometheus would see them.
func (c *collector) scrape(ctx context.Context, name string, want int) (text string, err error) {
	err = c.Poll(ctx, func() bool {
		var err error
		text, err = otelcol.Get(ctx, c.metrics)
		return err == nil && total(text, name) == want
	})
	if err != nil {
		return "", fmt.Errorf("%s is %d, not %d: %w", name, total(text, name), want, err)
	}
	return text, nil
}

// total adds up the samples of that name in Prometheus' text format.
func total(text, name string) (sum int) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, name+"{") {
			continue
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, '}')+1:]), 64)
		if err == nil {
			sum += int(value)
		}
	}
	return sum
}
