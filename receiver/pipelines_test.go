package cmscdrreceiver

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// fakePipelines counts the calls of the pipelines for logs and traces, and returns the errors of
// respond. respond gets the signal, the uids or span ids of a payload, and its size in bytes. If
// respond is nil, every payload is accepted.
type fakePipelines struct {
	respond func(signal string, ids []string, size int) error
	calls   map[string]int
	// largest is the size of the largest payload in bytes, accepted or not.
	largest int
}

// newFakePipelines replaces the pipelines of the rig for logs and traces, so rig.refuse has no
// effect afterwards. Payloads that are accepted reach the rig's sinks.
func newFakePipelines(rig *rig, respond func(signal string, ids []string, size int) error) *fakePipelines {
	pipelines := &fakePipelines{respond: respond, calls: map[string]int{}}
	rig.receiver.nextLogs = logsFunc(func(ctx context.Context, logs plog.Logs) error {
		var ids []string
		for _, record := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
			uid, _ := record.Attributes().Get("log.record.uid")
			ids = append(ids, uid.Str())
		}
		if err := pipelines.consume(signalLogs, ids, new(plog.ProtoMarshaler).LogsSize(logs)); err != nil {
			return err
		}
		return rig.logs.ConsumeLogs(ctx, logs)
	})
	rig.receiver.nextTraces = tracesFunc(func(ctx context.Context, traces ptrace.Traces) error {
		var ids []string
		for _, span := range traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
			ids = append(ids, span.SpanID().String())
		}
		if err := pipelines.consume(signalTraces, ids, new(ptrace.ProtoMarshaler).TracesSize(traces)); err != nil {
			return err
		}
		return rig.traces.ConsumeTraces(ctx, traces)
	})
	return pipelines
}

func (p *fakePipelines) consume(signal string, ids []string, size int) error {
	p.calls[signal]++
	p.largest = max(p.largest, size)
	if p.respond == nil {
		return nil
	}
	return p.respond(signal, ids, size)
}

// refuseSecondPayload replaces the pipelines of the rig by ones that accept everything, except that
// the pipeline of the signal refuses its second payload for now.
func refuseSecondPayload(rig *rig, signal string) {
	calls := 0
	newFakePipelines(rig, func(called string, _ []string, _ int) error {
		if called == signal {
			if calls++; calls == 2 {
				return errors.New("queue is full")
			}
		}
		return nil
	})
}
