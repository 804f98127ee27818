package cmscdrreceiver

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
)

// TestEmission: every interval all series, as of then; a source that falls
// silent keeps them.
func TestEmission(t *testing.T) {
	rig := newRig(t, nil)
	synctest.Test(t, func(t *testing.T) {
		var sink consumertest.MetricsSink
		rig.receiver.nextMetrics = &sink
		emitter := every(15*time.Second, rig.receiver.emit)
		time.Sleep(20 * time.Second)
		require.Empty(t, sink.AllMetrics(), "nothing was counted yet")
		rig.post("/cdr", oneCall)
		time.Sleep(time.Minute)
		synctest.Wait()
		emitter.stop()
		require.Len(t, sink.AllMetrics(), 4)
		for i, metrics := range sink.AllMetrics() {
			require.Equal(t, sink.AllMetrics()[0].DataPointCount(), metrics.DataPointCount())
			point := metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().At(0)
			first := sink.AllMetrics()[0].ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().At(0)
			require.Equal(t, time.Duration(i)*15*time.Second, point.Timestamp().AsTime().Sub(first.Timestamp().AsTime()))
			require.Equal(t, first.StartTimestamp(), point.StartTimestamp())
		}
	})
}

// TestEmissionRefused is said and not held against any document.
func TestEmissionRefused(t *testing.T) {
	rig := newRig(t, nil)
	rig.receiver.nextMetrics = consumertest.NewErr(errors.New("queue is full"))
	require.Equal(t, 200, rig.post("/cdr", oneCall).Code)
	rig.receiver.emit(t.Context())
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("Metrics were refused").Len())
}

// TestMalformedWithoutLogs: where no logs pipeline keeps it whole, the
// collector's own log gets its beginning.
func TestMalformedWithoutLogs(t *testing.T) {
	rig := newRig(t, nil)
	rig.receiver.nextLogs = nil
	require.Equal(t, 200, rig.post("/cdr", `<records session="s"><record type="x">`+oneCall[:40]+`</record></records>`).Code)
	entries := rig.warnings.FilterMessageSnippet("could not be read as a record").All()
	require.NotEmpty(t, entries)
	require.Contains(t, entries[0].ContextMap()["begins"], `<record type="x">`)
}
