package metrics

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

var now = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func legEnd(leg cdr.CallLeg, reason string) (*cdr.Record, *correlate.Effect) {
	body := &cdr.CallLegEnd{CallLeg: leg, Reason: reason, DurationSeconds: cdr.Optional[int64]{Value: 90, Present: true}}
	return &cdr.Record{Type: "callLegEnd", Body: body}, &correlate.Effect{
		Leg:   &correlate.Leg{CallLeg: leg},
		Trace: correlate.TraceID("46d49cb4-8171-4abc-97f5-b88035b1da0a"), Span: correlate.SpanID("46d49cb4-8171-4abc-97f5-b88035b1da0a"),
	}
}

func newAggregator(t *testing.T) (*Aggregator, *Source) {
	t.Helper()
	aggregator := NewAggregator("test")
	source, err := aggregator.Source("cms1", pcommon.NewResource())
	require.NoError(t, err)
	return aggregator, source
}

func collect(t *testing.T, aggregator *Aggregator, at time.Time) map[string]pmetric.Metric {
	t.Helper()
	all, err := aggregator.Collect(context.Background(), at)
	require.NoError(t, err)
	byName := map[string]pmetric.Metric{}
	for _, resource := range all.ResourceMetrics().All() {
		for _, metric := range resource.ScopeMetrics().At(0).Metrics().All() {
			byName[metric.Name()] = metric
		}
	}
	return byName
}

// TestHostileValues: what a caller can choose makes no series.
func TestHostileValues(t *testing.T) {
	aggregator, source := newAggregator(t)
	stage := source.Begin()
	for _, text := range []string{"a", "b", "\"}\n", "https://example.com/x"} {
		leg := cdr.CallLeg{Direction: text, Type: text, SubType: text, LyncSubType: text, DisplayName: text}
		record, effect := legEnd(leg, text)
		record.Type = text
		stage.Record(record, sequence.Verdict{}, effect)
		stage.Change(nil, &correlate.Call{Call: cdr.Call{CallType: text}})
		stage.Record(&cdr.Record{Type: text}, sequence.Verdict{}, &correlate.Effect{})
	}
	stage.Commit(context.Background())
	got := collect(t, aggregator, now)
	for name, points := range map[string]pmetric.NumberDataPointSlice{
		"ends":     got["cisco.cms.call_leg.ends"].Sum().DataPoints(),
		"active":   got["cisco.cms.call.active"].Sum().DataPoints(),
		"received": got["cisco.cms.record.received"].Sum().DataPoints(),
	} {
		require.Equal(t, 1, points.Len(), name)
		for key, value := range points.At(0).Attributes().All() {
			require.Contains(t, []string{"_OTHER", "participant", "unknown"}, value.Str(), key)
		}
	}
}

// TestNothingBeforeCommit, and a stage that was dropped is as if it had not been.
func TestNothingBeforeCommit(t *testing.T) {
	aggregator, source := newAggregator(t)
	for range 3 {
		record, effect := legEnd(cdr.CallLeg{}, "timeout")
		source.Begin().Record(record, sequence.Verdict{Missing: []sequence.Range{{First: 1, Last: 5}}}, effect)
	}
	require.Empty(t, collect(t, aggregator, now))
	var none *Stage
	none.Duplicate()
	none.Record(&cdr.Record{}, sequence.Verdict{}, &correlate.Effect{})
}

// TestCumulative: every emission has all series, as of its own time, since the
// same start.
func TestCumulative(t *testing.T) {
	aggregator, source := newAggregator(t)
	record, effect := legEnd(cdr.CallLeg{Direction: "incoming", Type: "sip"}, "remoteTeardown")
	var starts []pcommon.Timestamp
	for i := range 3 {
		stage := source.Begin()
		stage.Record(record, sequence.Verdict{}, effect)
		stage.Commit(context.Background())
		at := time.Now().Add(time.Duration(i) * time.Second)
		got := collect(t, aggregator, at)
		ends := got["cisco.cms.call_leg.ends"].Sum()
		require.Equal(t, pmetric.AggregationTemporalityCumulative, ends.AggregationTemporality())
		require.True(t, ends.IsMonotonic())
		require.EqualValues(t, i+1, ends.DataPoints().At(0).IntValue())
		require.Equal(t, pcommon.NewTimestampFromTime(at), ends.DataPoints().At(0).Timestamp())
		starts = append(starts, ends.DataPoints().At(0).StartTimestamp())
		require.Equal(t, starts[0], starts[i])

		duration := got["cisco.cms.call_leg.duration"].Histogram().DataPoints().At(0)
		require.EqualValues(t, i+1, duration.Count())
		require.InDelta(t, float64(90*(i+1)), duration.Sum(), 0)
		require.Equal(t, duration.ExplicitBounds().Len()+1, duration.BucketCounts().Len())
		require.Positive(t, duration.Exemplars().Len())
		require.Equal(t, effect.Trace, duration.Exemplars().At(0).TraceID())
		require.Equal(t, effect.Span, duration.Exemplars().At(0).SpanID())
	}
}

// TestActiveIsMembership: what opens and closes adds up to nothing, whatever
// changes in between.
func TestActiveIsMembership(t *testing.T) {
	aggregator, source := newAggregator(t)
	var unknown correlate.Thing = &correlate.Leg{}
	var known correlate.Thing = &correlate.Leg{CallLeg: cdr.CallLeg{Direction: "incoming", Type: "sip"}}
	for _, change := range [][2]correlate.Thing{{nil, unknown}, {unknown, known}, {known, nil}} {
		stage := source.Begin()
		stage.Change(change[0], change[1])
		stage.Commit(context.Background())
	}
	active := collect(t, aggregator, now)["cisco.cms.call_leg.active"].Sum()
	require.False(t, active.IsMonotonic())
	require.Equal(t, 2, active.DataPoints().Len())
	for _, point := range active.DataPoints().All() {
		require.Zero(t, point.IntValue())
	}
}
