package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// server is a collector of its own for one of the receivers that are compared.
type server struct {
	*otelcol.Collector
	address string
}

// startServer starts the collector with a receiver and further configurations.
func startServer(ctx context.Context, binary, receiver string, further ...string) (*server, error) {
	address, err := otelcol.FreeAddress()
	if err != nil {
		return nil, err
	}
	configs := []string{"yaml:" + fmt.Sprintf(receiver, address)}
	for _, config := range further {
		configs = append(configs, "yaml:"+config)
	}
	collector, err := otelcol.Start(ctx, binary, configs...)
	if err != nil {
		return nil, err
	}
	listens := func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}
	ready, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := collector.Poll(ready, listens); err != nil {
		collector.Kill()
		return nil, fmt.Errorf("the collector does not listen: %w; it said:\n%s", err, collector.Said())
	}
	return &server{Collector: collector, address: address}, nil
}

// onOneCore writes a program into the folder that starts the collector on the first
// core of the machine, with one core for all that the Go runtime does.
func onOneCore(folder, binary string) (string, error) {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "collector")
	script := fmt.Sprintf("#!/bin/sh\nGOMAXPROCS=1 exec taskset -c 0 '%s' \"$@\"\n", binary)
	return path, os.WriteFile(path, []byte(script), 0o700)
}

// The receivers' configurations, each for an address.
const (
	cdrReceiver  = "receivers: {cms_cdr: {http: {endpoint: '%s'}}}"
	otlpReceiver = "receivers: {otlp: {protocols: {http: {endpoint: '%s'}}}}"
)

// toNowhere drops what the receiver makes: exporters cost the same behind each.
func toNowhere(receiver string) string {
	return fmt.Sprintf(`
exporters: {nop: {}}
service:
  telemetry: {logs: {level: warn}, metrics: {level: none}}
  pipelines:
    logs: {receivers: [%[1]s], exporters: [nop]}
    traces: {receivers: [%[1]s], exporters: [nop]}
    metrics: {receivers: [%[1]s], exporters: [nop]}
`, receiver)
}

// toSink exports the receiver's log records document by document.
func toSink(url string) string {
	return fmt.Sprintf(`
exporters: {otlp_http: {endpoint: '%s', compression: none, sending_queue: {enabled: false}}}
service:
  telemetry: {logs: {level: warn}, metrics: {level: none}}
  pipelines:
    logs: {receivers: [cms_cdr], exporters: [otlp_http]}
`, url)
}

// saving lets the receiver save to a folder.
func saving(folder string) string {
	return fmt.Sprintf(`
receivers: {cms_cdr: {storage: file_storage}}
extensions: {file_storage: {directory: '%s', create_directory: true}}
service: {extensions: [file_storage]}
`, folder)
}
