package cmscdrreceiver

import (
	"errors"
	"fmt"
	"net/http"
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

// TestEmissionRefused checks that a document is accepted although the metrics pipeline
// refuses, and that the refusal of metrics is logged.
func TestEmissionRefused(t *testing.T) {
	rig := newRig(t, nil)
	rig.receiver.nextMetrics = consumertest.NewErr(errors.New("queue is full"))
	require.Equal(t, 200, rig.post("/cdr", oneCall).Code)
	rig.receiver.emit(t.Context())
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("A pipeline refused metrics").Len())
}

// TestEqualMalformedParts checks that equal malformed parts of a session become one log record,
// in one document and in several.
func TestEqualMalformedParts(t *testing.T) {
	rig := newRig(t, nil)
	const malformed = `<record type="callEnd" time="never" correlatorIndex="9"/>`
	for index := range 2 {
		record := fmt.Sprintf(`<record type="x" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><x/></record>`, index)
		require.Equal(t, http.StatusOK, rig.post("/cdr", `<records session="s">`+malformed+record+malformed+`</records>`).Code)
	}
	require.Equal(t, 2+1+1, rig.logs.LogRecordCount(), "two records, the start of the session and one malformed part")
	require.EqualValues(t, 1, rig.ownCounter("malformed_records"))
}

// TestMalformedWithoutLogs checks that the beginning of a malformed part is in the
// collector's own log if no logs pipeline gets the whole part.
func TestMalformedWithoutLogs(t *testing.T) {
	rig := newRig(t, nil)
	rig.receiver.nextLogs = nil
	require.Equal(t, 200, rig.post("/cdr", `<records session="s"><record type="x">`+oneCall[:40]+`</record></records>`).Code)
	entries := rig.warnings.FilterMessageSnippet("cannot be read as a record").All()
	require.NotEmpty(t, entries)
	require.Contains(t, entries[0].ContextMap()["begins"], `<record type="x">`)
}

// TestMalformedIsLoggedOnce checks that a malformed part is written to the collector's own log
// when it is acknowledged, and not for each document that is refused.
func TestMalformedIsLoggedOnce(t *testing.T) {
	rig := newRig(t, nil)
	rig.receiver.nextLogs = nil
	document := `<records session="s"><record type="callEnd" time="2026-03-02T08:00:00Z" correlatorIndex="0"><call id="c"/></record>word</records>`
	rig.refuse = func(string) error { return errors.New("queue is full") }
	require.Equal(t, 503, rig.post("/cdr", document).Code)
	require.Zero(t, rig.warnings.FilterMessageSnippet("cannot be read as a record").Len())
	rig.refuse = nil
	require.Equal(t, 200, rig.post("/cdr", document).Code)
	require.Equal(t, 200, rig.post("/cdr", document).Code)
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("cannot be read as a record").Len())
}
