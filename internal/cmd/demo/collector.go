package main

import (
	"context"
	"fmt"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// collector is a running collector on free ports of the loopback interface.
type collector struct {
	*otelcol.Collector
	cdr     string // URL to post to
	metrics string // URL to scrape
}

// exportersToSink overrides the exporters of the traces and logs in the user's
// configuration, and limits the collector's own telemetry to warnings and errors. Logs and
// spans are exported to this process before their document is answered, so they arrive in
// the order of the records.
const exportersToSink = `yaml:
exporters:
  otlp_http: {endpoint: %q, compression: none, sending_queue: {enabled: false}}
service:
  telemetry: {metrics: {level: none}, logs: {level: warn}}
  pipelines:
    traces: {exporters: [otlp_http]}
    logs: {exporters: [otlp_http]}
`

// freePorts overrides the ports with free ones, and the interval of the metrics with one second.
const freePorts = `yaml:
receivers: {cms_cdr: {http: {endpoint: %q}, metrics: {interval: 1s}}}
exporters: {prometheus: {endpoint: %q}}
`

// start starts the collector with the configuration on free ports. Logs and spans are
// exported to the URL sink.
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
	c.Collector, err = otelcol.Start(ctx, binary, config, fmt.Sprintf(exportersToSink, sink), fmt.Sprintf(freePorts, cdr, prometheus))
	return c, err
}

// scrape waits until the query returns want, and returns all series in Prometheus'
// text format.
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
