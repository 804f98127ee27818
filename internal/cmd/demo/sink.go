package main

import (
	"sync"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otlpsink"
)

// sink keeps what the collector exports.
type sink struct {
	*otlpsink.Sink

	mu     sync.Mutex
	logs   []plog.Logs
	traces []ptrace.Traces
}

func listen() (s *sink, err error) {
	s = &sink{}
	s.Sink, err = otlpsink.Listen(
		func(_ string, logs plog.Logs) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.logs = append(s.logs, logs)
			return nil
		},
		func(_ string, traces ptrace.Traces) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.traces = append(s.traces, traces)
			return nil
		},
	)
	return s, err
}
