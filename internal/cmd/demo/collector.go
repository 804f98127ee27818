package main

import (
	"context"
	"fmt"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// collector is a collector that runs, on free ports of the loopback interface.
type collector struct {
	*otelcol.Collector
	cdr     string // where to post
	metrics string // where to scrape
}

// here changes of the user's configuration where logs and spans go: to this
// process, each before its document is answered, so in the order of records.
const here = `yaml:
exporters:
  otlp_http: {endpoint: %q, compression: none, sending_queue: {enabled: false}}
service:
  telemetry: {metrics: {level: none}, logs: {level: warn}}
  pipelines:
    traces: {exporters: [otlp_http]}
    logs: {exporters: [otlp_http]}
`

// ports changes of it what keeps the demo apart from all else: free ports; and a
// short interval.
const ports = `yaml:
receivers: {cms_cdr: {http: {endpoint: %q}, metrics: {interval: 1s}}}
exporters: {prometheus: {endpoint: %q}}
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
	c.Collector, err = otelcol.Start(ctx, binary, config, fmt.Sprintf(here, sink), fmt.Sprintf(ports, cdr, prometheus))
	return c, err
}

// scrape waits until the query's answer is want and returns all series, as
// Prometheus would see them.
func (c *collector) scrape(ctx context.Context, q query, want float64) (text string, err error) {
	var got float64
	err = c.Poll(ctx, func() bool {
		var err error
		if text, err = otelcol.Get(ctx, c.metrics); err != nil {
			return false
		}
		all, err := samples(text)
		got = q.answer(all)[""]
		return err == nil && got == want
	})
	if err != nil {
		return "", fmt.Errorf("%s is %g, not %g: %w", q, got, want, err)
	}
	return text, nil
}
