package e2e

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/otlpsink"
)

// content holds what the last target of a chain of collectors accepted.
type content struct {
	url string

	mu sync.Mutex
	// logs and spans count how often each was accepted, by log.record.uid and span id.
	logs, spans map[string]int
	// limit is the number of payloads of each signal that are accepted. Further ones are
	// refused for now. 0 accepts all.
	limit                      int
	logPayloads, tracePayloads payloads
}

// payloads counts the payloads of one signal.
type payloads struct{ accepted, refused int }

// refuse counts the next payload and reports whether it is refused.
func (p *payloads) refuse(limit int) bool {
	if limit > 0 && p.accepted >= limit {
		p.refused++
		return true
	}
	p.accepted++
	return false
}

func listenForContent(t *testing.T) *content {
	t.Helper()
	c := &content{logs: map[string]int{}, spans: map[string]int{}}
	sink, err := otlpsink.Listen(c.takeLogs, c.takeTraces)
	require.NoError(t, err)
	t.Cleanup(sink.Close)
	c.url = sink.URL
	return c
}

func (c *content) setLimit(limit int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = limit
}

func (c *content) takeLogs(_ string, logs plog.Logs) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logPayloads.refuse(c.limit) {
		return otlpsink.ErrRefusedForNow
	}
	for _, record := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
		uid, _ := record.Attributes().Get("log.record.uid")
		c.logs[uid.Str()]++
	}
	return nil
}

func (c *content) takeTraces(_ string, traces ptrace.Traces) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tracePayloads.refuse(c.limit) {
		return otlpsink.ErrRefusedForNow
	}
	for _, resource := range traces.ResourceSpans().All() {
		for _, span := range resource.ScopeSpans().At(0).Spans().All() {
			c.spans[span.SpanID().String()]++
		}
	}
	return nil
}

// requireAll waits until the log records and spans of a backlog with that number of legs
// are accepted: two log records and a span for each leg, and one log record about the start
// of the session.
func (c *content) requireAll(t *testing.T, collector *otelcol.Collector, legs int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_ = collector.Poll(ctx, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.logs) >= 2*legs+1 && len(c.spans) >= legs
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	require.Len(t, c.logs, 2*legs+1, "output of the collector:\n%s", collector.Output())
	require.Len(t, c.spans, legs, "output of the collector:\n%s", collector.Output())
}
