package main

import (
	"sync"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otlpsink"
)

// result is what came out of the collector.
type result struct {
	logs    []plog.Logs
	traces  []ptrace.Traces
	metrics string // in Prometheus' text format
}

// sink keeps what the collector exports.
type sink struct {
	*otlpsink.Sink

	mu   sync.Mutex
	came result
}

// result is what came so far, with these metrics.
func (s *sink) result(metrics string) *result {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &result{s.came.logs, s.came.traces, metrics}
}

func listen() (s *sink, err error) {
	s = &sink{}
	s.Sink, err = otlpsink.Listen(
		func(_ string, logs plog.Logs) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.came.logs = append(s.came.logs, logs)
			return nil
		},
		func(_ string, traces ptrace.Traces) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.came.traces = append(s.came.traces, traces)
			return nil
		},
	)
	return s, err
}
