//go:build !race

package cmscdrreceiver

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// TestAllocations limits the allocations of a document from the HTTP handler to the
// consumers, for each record, and compares them with those of a copy of what is emitted.
// pdata allocates for each value, so no receiver that emits the same needs fewer than a
// copy. The race detector adds allocations, so the test is not built with it.
func TestAllocations(t *testing.T) {
	for _, c := range []struct {
		records         int
		limit, maxRatio float64
	}{{1, 117, 1.85}, {10, 63, 1.3}, {100, 54, 1.16}} {
		t.Run(fmt.Sprintf("%d records", c.records), func(t *testing.T) {
			client := newClient(t)
			const warmUp, runs = 2000, 200
			bodies := documents(warmUp/c.records+1+runs, c.records)
			posted := 0
			postNext := func() {
				client.post(bodies[posted])
				posted++
			}
			for posted < warmUp/c.records {
				postNext()
			}
			allocations := testing.AllocsPerRun(runs, postNext) / float64(c.records)
			require.LessOrEqual(t, allocations, c.limit)
			require.LessOrEqual(t, allocations/copyAllocations(t, c.records), c.maxRatio)
		})
	}
}

// copyAllocations returns the allocations for each record of a copy of what is emitted for
// documents of n records.
func copyAllocations(t *testing.T, n int) float64 {
	client, logs, traces := newClient(t), new(consumertest.LogsSink), new(consumertest.TracesSink)
	client.receiver.nextLogs, client.receiver.nextTraces = logs, traces
	for _, body := range documents(1000/n, n) {
		client.post(body)
	}
	require.Equal(t, 1000, logs.LogRecordCount()-1, "there must be one log record for each record, besides that of the session's start")
	require.Equal(t, 500, traces.SpanCount())
	allLogs, allTraces := logs.AllLogs(), traces.AllTraces()
	return testing.AllocsPerRun(1, func() {
		for _, emitted := range allLogs {
			emitted.CopyTo(plog.NewLogs())
		}
		for _, emitted := range allTraces {
			emitted.CopyTo(ptrace.NewTraces())
		}
	}) / 1000
}
