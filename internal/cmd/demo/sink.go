package main

import (
	"errors"
	"sync"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otlpsink"
)

// telemetry is everything that the collector exported.
type telemetry struct {
	logs    []plog.Logs
	traces  []ptrace.Traces
	metrics string // in Prometheus' text format
	tree    []row  // the spans in the field traces, in tree order
}

// sink stores the logs and traces that the collector exports.
type sink struct {
	*otlpsink.Sink

	mu       sync.Mutex
	received telemetry // only logs and traces are set
}

// telemetry returns what was exported so far, and the given metrics. It returns an error
// if there are no spans.
func (s *sink) telemetry(metrics string) (*telemetry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tree := rows(s.received.traces)
	if len(tree) == 0 {
		return nil, errors.New("the collector exported no spans")
	}
	return &telemetry{s.received.logs, s.received.traces, metrics, tree}, nil
}

// listen starts a sink, which the caller closes.
func listen() (s *sink, err error) {
	s = &sink{}
	s.Sink, err = otlpsink.Listen(
		func(_ string, logs plog.Logs) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.received.logs = append(s.received.logs, logs)
			return nil
		},
		func(_ string, traces ptrace.Traces) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.received.traces = append(s.received.traces, traces)
			return nil
		},
	)
	return s, err
}
