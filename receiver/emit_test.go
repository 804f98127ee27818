package cmscdrreceiver

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// TestEmission checks that all series are emitted at every interval. The first
// emission after a source appears starts its counters at 0, and a silent source keeps
// its series.
func TestEmission(t *testing.T) {
	rig := newRig(t, nil)
	synctest.Test(t, func(t *testing.T) {
		var sink consumertest.MetricsSink
		rig.receiver.nextMetrics = &sink
		emitter := every(15*time.Second, rig.receiver.emit)
		time.Sleep(20 * time.Second)
		require.Empty(t, sink.AllMetrics(), "no metrics may be emitted before the first record")
		rig.post("/cdr", oneCall)
		time.Sleep(time.Minute)
		synctest.Wait()
		emitter.stop()
		emissions := sink.AllMetrics()
		require.Len(t, emissions, 4)
		require.Zero(t, countOf(emissions[0], "cisco.cms.record.received"))
		require.Zero(t, countOf(emissions[0], "cisco.cms.record.missing"))
		first := startTimesOf(emissions[0])
		require.Len(t, first.byType, 9)
		for i, metrics := range emissions[1:] {
			require.Equal(t, emissions[1].DataPointCount(), metrics.DataPointCount())
			require.Equal(t, 1, countOf(metrics, "cisco.cms.record.received"))
			later := startTimesOf(metrics)
			require.Equal(t, first.byType, later.byType, "the start time of a series must not change")
			require.Equal(t, time.Duration(i+1)*15*time.Second, later.time.Sub(first.time))
		}
	})
}

// startTimes holds the start times of the data points of cisco.cms.record.received by
// record type, and the time of the points.
type startTimes struct {
	byType map[string]pcommon.Timestamp
	time   time.Time
}

// startTimesOf returns the start times in the metrics of one source.
func startTimesOf(metrics pmetric.Metrics) startTimes {
	starts := startTimes{byType: map[string]pcommon.Timestamp{}}
	for _, metric := range metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		if metric.Name() == "cisco.cms.record.received" {
			for _, point := range metric.Sum().DataPoints().All() {
				recordType, _ := point.Attributes().Get("cisco.cms.record.type")
				starts.byType[recordType.Str()], starts.time = point.StartTimestamp(), point.Timestamp().AsTime()
			}
		}
	}
	return starts
}

// TestEmissionRefused checks that a document does not depend on the metrics pipeline, and that
// a refusal of metrics is logged.
func TestEmissionRefused(t *testing.T) {
	rig := newRig(t, nil)
	rig.receiver.nextMetrics = consumertest.NewErr(errors.New("queue is full"))
	require.Equal(t, 200, rig.post("/cdr", oneCall).Code)
	rig.receiver.emit(t.Context())
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("A pipeline refused metrics").Len())
}
