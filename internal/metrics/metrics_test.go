package metrics

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/sdk/instrumentation"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

var now = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// legEnd returns a callLegEnd record and its effect. text is the reason, the codec of each
// medium and the type of the alarm.
func legEnd(leg cdr.CallLeg, text string) (*cdr.Record, *correlate.Effect) {
	fifty := cdr.Optional[float64]{Value: 50, Present: true}
	media := cdr.Media{
		Present: true, Codec: text, MaxHeight: cdr.Optional[int64]{Value: 720, Present: true},
		LossBursts: cdr.PacketStatistics{Duration: fifty, Density: fifty}, Gaps: cdr.PacketStatistics{Duration: fifty, Density: fifty},
	}
	body := &cdr.CallLegEnd{
		CallLeg: leg, Reason: text, DurationSeconds: cdr.Optional[int64]{Value: 90, Present: true},
		MediaUsage: cdr.MediaUsage{MainVideoViewer: fifty}, Alarms: []cdr.Alarm{{Type: text, DurationPercentage: fifty}},
		RxAudio: media, TxAudio: media, RxVideo: media, TxVideo: media,
	}
	return &cdr.Record{Type: "callLegEnd", Body: body}, &correlate.Effect{
		Leg:   &correlate.Leg{CallLeg: leg},
		Trace: correlate.TraceID("46d49cb4-8171-4abc-97f5-b88035b1da0a"), Span: correlate.SpanID("46d49cb4-8171-4abc-97f5-b88035b1da0a"),
	}
}

func newAggregator(t *testing.T) (*Aggregator, *Source) {
	t.Helper()
	aggregator := NewAggregator(instrumentation.Scope{Name: "test", Version: "1.2.3", SchemaURL: "https://example.com/schema"}, nil)
	source, err := aggregator.Source("cms1", pcommon.NewResource())
	require.NoError(t, err)
	return aggregator, source
}

func collect(t *testing.T, aggregator *Aggregator, at time.Time) map[string]pmetric.Metric {
	t.Helper()
	aggregator.Flush()
	all, err := aggregator.Collect(context.Background(), func() time.Time { return at })
	require.NoError(t, err)
	byName := map[string]pmetric.Metric{}
	for _, resource := range all.ResourceMetrics().All() {
		for _, metric := range resource.ScopeMetrics().At(0).Metrics().All() {
			byName[metric.Name()] = metric
		}
	}
	return byName
}

// TestHostileValues checks that values that clients can choose create no series.
func TestHostileValues(t *testing.T) {
	aggregator, source := newAggregator(t)
	stage := source.Begin()
	for _, text := range []string{"a", "b", "\"}\n", "https://example.com/x"} {
		leg := cdr.CallLeg{Direction: text, Type: text, SubType: text, LyncSubType: text, DisplayName: text}
		record, effect := legEnd(leg, text)
		record.Type = text
		stage.Record(record, sequence.Verdict{}, effect)
		stage.EntityChanged(nil, &correlate.Call{Call: cdr.Call{CallType: text}})
		stage.Record(&cdr.Record{Type: text}, sequence.Verdict{}, &correlate.Effect{})
	}
	stage.Commit()
	got := collect(t, aggregator, now)
	allowed := map[string]bool{
		otherValue: true, "participant": true, "unknown": true, "none": true, "mixed": true, "receive": true, "transmit": true,
		"audio": true, "video": true, "main_video_viewer": true,
	}
	require.Equal(t, 1, got["cisco.cms.call_leg.ends"].Sum().DataPoints().Len())
	require.Equal(t, "{cisco.cms.call.type=_OTHER} 4", nonZeroPoint(t, got["cisco.cms.call.active"]))
	require.Greater(t, len(got), 20)
	for name, metric := range got {
		for attributes, n := range points(metric) {
			for key, value := range attributes.All() {
				require.True(t, allowed[value.Str()] || n == 0, "%s: %s is %q", name, key, value.Str())
			}
		}
	}
}

// TestNothingBeforeCommit checks that nothing is counted before the commit, that a dropped
// stage has no effect, and that Record and Duplicate of a nil stage do nothing.
func TestNothingBeforeCommit(t *testing.T) {
	aggregator, source := newAggregator(t)
	for range 3 {
		record, effect := legEnd(cdr.CallLeg{}, "timeout")
		source.Begin().Record(record, sequence.Verdict{Missing: []sequence.Range{{First: 1, Last: 5}}}, effect)
	}
	for name, metric := range collect(t, aggregator, now) {
		for _, point := range metric.Sum().DataPoints().All() {
			require.Zero(t, point.IntValue(), name)
		}
	}
	var nilStage *Stage
	nilStage.Duplicate()
	nilStage.Record(&cdr.Record{}, sequence.Verdict{}, &correlate.Effect{})
}

// TestCumulative checks that a counter and a histogram are cumulative: every collection has
// their totals, with its own time and the same start time. The values of the histogram have
// the leg's span as exemplar.
func TestCumulative(t *testing.T) {
	aggregator, source := newAggregator(t)
	record, effect := legEnd(cdr.CallLeg{Direction: "incoming", Type: "sip"}, "remoteTeardown")
	var starts []pcommon.Timestamp
	for i := range 3 {
		stage := source.Begin()
		stage.Record(record, sequence.Verdict{}, effect)
		stage.Commit()
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

// TestActiveReturnsToZero checks that an entity that opens, changes and closes leaves 0 in
// every series.
func TestActiveReturnsToZero(t *testing.T) {
	aggregator, source := newAggregator(t)
	var opened correlate.Entity = &correlate.Leg{}
	var changed correlate.Entity = &correlate.Leg{CallLeg: cdr.CallLeg{Direction: "incoming", Type: "sip"}}
	for _, change := range [][2]correlate.Entity{{nil, opened}, {opened, changed}, {changed, nil}} {
		stage := source.Begin()
		stage.EntityChanged(change[0], change[1])
		stage.Commit()
	}
	active := collect(t, aggregator, now)["cisco.cms.call_leg.active"].Sum()
	require.False(t, active.IsMonotonic())
	require.Equal(t, len(correlate.Roles)+2, active.DataPoints().Len(), "a series for each class of the leg, and one for each role")
	for _, point := range active.DataPoints().All() {
		require.Zero(t, point.IntValue())
	}
}

// points yields the attributes of each point, and its value or count.
func points(metric pmetric.Metric) iter.Seq2[pcommon.Map, int64] {
	return func(yield func(pcommon.Map, int64) bool) {
		if metric.Type() == pmetric.MetricTypeSum {
			for _, point := range metric.Sum().DataPoints().All() {
				if !yield(point.Attributes(), point.IntValue()) {
					return
				}
			}
			return
		}
		for _, point := range metric.Histogram().DataPoints().All() {
			if !yield(point.Attributes(), int64(point.Count())) {
				return
			}
		}
	}
}

// TestLegEnd checks counts and values of a leg's end, and that each value has the leg's span
// as exemplar.
func TestLegEnd(t *testing.T) {
	aggregator, source := newAggregator(t)
	record, effect := legEnd(cdr.CallLeg{Direction: "incoming", Type: "sip"}, "h264")
	end := record.Body.(*cdr.CallLegEnd)
	end.Reason = "timeout"
	end.EncryptedMedia = cdr.Optional[bool]{Value: true, Present: true}
	end.RxAudio.Codec, end.TxAudio = "opus", cdr.Media{}
	end.Alarms = []cdr.Alarm{
		{Type: "packetLoss", DurationPercentage: cdr.Optional[float64]{Value: 1.5, Present: true}},
		{Type: "excessiveJitter", DurationPercentage: cdr.Optional[float64]{Present: true}},
		{Type: "packetLoss"},
	}
	effect.Leg.Start, effect.Leg.ConnectedAt = 1_000_000_000, 4_000_000_000
	effect.Leg.IVR = correlate.Stay{Total: 20 * time.Second, Visited: true}
	effect.Leg.Lobby = correlate.Stay{}
	stage := source.Begin()
	stage.Record(record, sequence.Verdict{}, effect)
	stage.Commit()
	got := collect(t, aggregator, now)

	require.Equal(t, "{cisco.cms.media.encryption.state=encrypted} 1", nonZeroPoint(t, got["cisco.cms.media.encryption"]))
	require.Equal(t, "{cisco.cms.alarm.type=packetLoss} 2", nonZeroPoint(t, got["cisco.cms.alarm.occurrences"]))
	ratios := got["cisco.cms.alarm.duration_ratio"].Histogram().DataPoints()
	require.Equal(t, 2, ratios.Len(), "an alarm of 0 % is a value")
	require.Equal(t, 3.0, got["cisco.cms.call_leg.setup.duration"].Histogram().DataPoints().At(0).Sum())
	require.Equal(t, 20.0, got["cisco.cms.call_leg.ivr.duration"].Histogram().DataPoints().At(0).Sum())
	require.NotContains(t, got, "cisco.cms.call_leg.lobby.duration")
	require.Equal(t, 3, got["cisco.cms.media.streams"].Sum().DataPoints().Len())
	require.Equal(t, 2, got["cisco.cms.media.packet_loss.burst.duration"].Histogram().DataPoints().Len(), "audio opus, video h264")
	require.Equal(t, 0.5, got["cisco.cms.media.utilization"].Histogram().DataPoints().At(0).Sum())
	for name, metric := range got {
		if metric.Type() == pmetric.MetricTypeHistogram {
			for _, point := range metric.Histogram().DataPoints().All() {
				require.Positive(t, point.Exemplars().Len(), name)
				require.Equal(t, effect.Trace, point.Exemplars().At(0).TraceID(), name)
				require.Equal(t, effect.Span, point.Exemplars().At(0).SpanID(), name)
			}
		}
	}
}

// nonZeroPoint formats the point of a metric that is not 0; all others must be 0.
func nonZeroPoint(t *testing.T, metric pmetric.Metric) (text string) {
	t.Helper()
	for attributes, n := range points(metric) {
		if n != 0 {
			require.Empty(t, text)
			for key, value := range attributes.All() {
				text += fmt.Sprintf("{%s=%s} %d", key, value.Str(), n)
			}
		}
	}
	return text
}

// TestCaptures checks the counts of recordings and streamings. The duration is the time
// between the start record and the end record, and is counted only if both arrived.
func TestCaptures(t *testing.T) {
	aggregator, source := newAggregator(t)
	stage := source.Begin()
	ended := func(start pcommon.Timestamp, by cdr.Body) []correlate.EndedEntity {
		recording := &correlate.Recording{EntityFields: correlate.EntityFields{Start: start}}
		return []correlate.EndedEntity{{Entity: recording, Start: start, End: 61_000_000_000, EndRecord: by}}
	}
	end := &cdr.Record{Type: "recordingEnd", Body: &cdr.RecordingEnd{}}
	stage.Record(&cdr.Record{Type: "recordingStart", Body: &cdr.RecordingStart{}}, sequence.Verdict{}, &correlate.Effect{})
	stage.Record(end, sequence.Verdict{}, &correlate.Effect{Ended: ended(1_000_000_000, end.Body)})
	stage.Record(end, sequence.Verdict{}, &correlate.Effect{Ended: ended(0, end.Body)})
	stage.Record(end, sequence.Verdict{}, &correlate.Effect{Ended: ended(2_000_000_000, nil)})
	stage.Record(end, sequence.Verdict{}, &correlate.Effect{Ended: ended(62_000_000_000, end.Body)}) // ends before it starts
	stage.EntityChanged(nil, &correlate.Streaming{})
	stage.Commit()
	got := collect(t, aggregator, now)
	require.EqualValues(t, 1, got["cisco.cms.recording.starts"].Sum().DataPoints().At(0).IntValue())
	require.EqualValues(t, 1, got["cisco.cms.recording.duration"].Histogram().DataPoints().At(0).Count())
	require.Equal(t, 60.0, got["cisco.cms.recording.duration"].Histogram().DataPoints().At(0).Sum())
	require.EqualValues(t, 1, got["cisco.cms.streaming.active"].Sum().DataPoints().At(0).IntValue())
	require.EqualValues(t, 0, got["cisco.cms.streaming.starts"].Sum().DataPoints().At(0).IntValue())
}

// TestZerosFirst checks that the series of addZeros are collected with 0 before any other
// value, unless too many counts are pending.
func TestZerosFirst(t *testing.T) {
	aggregator, source := newAggregator(t)
	stage := source.Begin()
	stage.Duplicate()
	stage.Commit()
	first, err := aggregator.Collect(context.Background(), func() time.Time { return now })
	require.NoError(t, err)
	require.Equal(t, 4+4+6+4+3+9+6+10, first.DataPointCount(), "the series of addZeros, in its order")
	require.Zero(t, duplicates(first))
	second, err := aggregator.Collect(context.Background(), func() time.Time { return now })
	require.NoError(t, err)
	require.EqualValues(t, 1, duplicates(second))
	require.EqualValues(t, 1, collect(t, aggregator, now)["cisco.cms.record.duplicate"].Sum().DataPoints().At(0).IntValue())

	aggregator, source = newAggregator(t)
	stage = source.Begin()
	for range maxPending + 1 {
		stage.Duplicate()
	}
	stage.Commit()
	first, err = aggregator.Collect(context.Background(), func() time.Time { return now })
	require.NoError(t, err)
	require.EqualValues(t, maxPending+1, duplicates(first))
}

// duplicates returns the number of duplicates of all sources.
func duplicates(all pmetric.Metrics) (n int64) {
	for _, resource := range all.ResourceMetrics().All() {
		for _, metric := range resource.ScopeMetrics().At(0).Metrics().All() {
			if metric.Name() == "cisco.cms.record.duplicate" {
				n += metric.Sum().DataPoints().At(0).IntValue()
			}
		}
	}
	return n
}

// TestRelease checks that a released source is collected once more and then removed,
// unless it is used again.
func TestRelease(t *testing.T) {
	aggregator, source := newAggregator(t)
	stage := source.Begin()
	stage.Duplicate()
	stage.Commit()
	require.NotEmpty(t, collect(t, aggregator, now))
	aggregator.Release("cms1")
	again, err := aggregator.Source("cms1", pcommon.NewResource())
	require.NoError(t, err)
	require.Same(t, source, again)
	require.NotEmpty(t, collect(t, aggregator, now))
	aggregator.Release("cms1")
	require.NotEmpty(t, collect(t, aggregator, now))
	require.Empty(t, collect(t, aggregator, now))
	require.Nil(t, aggregator.Lookup("cms1"))
}

// TestReleaseOfNewSource checks that a source that is released before its first collection is
// removed only after its counts are collected.
func TestReleaseOfNewSource(t *testing.T) {
	aggregator, source := newAggregator(t)
	stage := source.Begin()
	stage.Duplicate()
	stage.Commit()
	aggregator.Release("cms1")
	for _, want := range []int64{0, 1} {
		all, err := aggregator.Collect(context.Background(), time.Now)
		require.NoError(t, err)
		require.Equal(t, 1, all.ResourceMetrics().Len(), "the source is removed too early")
		for _, metric := range all.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
			if metric.Name() == "cisco.cms.record.duplicate" {
				require.Equal(t, want, metric.Sum().DataPoints().At(0).IntValue())
			}
		}
	}
	require.Nil(t, aggregator.Lookup("cms1"))
}

// TestNoPointBeforeSeriesStart checks that no point is older than the start of its series,
// even if a new source is added when Collect reads the clock. If Collect read the clock
// before it lists the sources, the new source would start after the time of its points.
func TestNoPointBeforeSeriesStart(t *testing.T) {
	aggregator := NewAggregator(instrumentation.Scope{Name: "test"}, nil)
	clock := func() time.Time {
		now := time.Now()
		_, err := aggregator.Source("cms2", pcommon.NewResource())
		require.NoError(t, err)
		return now
	}
	_, err := aggregator.Source("cms1", pcommon.NewResource())
	require.NoError(t, err)
	all, err := aggregator.Collect(context.Background(), clock)
	require.NoError(t, err)
	for _, resource := range all.ResourceMetrics().All() {
		for _, metric := range resource.ScopeMetrics().At(0).Metrics().All() {
			for _, point := range metric.Sum().DataPoints().All() {
				require.LessOrEqual(t, point.StartTimestamp(), point.Timestamp())
			}
		}
	}
}

// TestOverflow checks that series above the limit are counted in one overflow series.
func TestOverflow(t *testing.T) {
	aggregator, source := newAggregator(t)
	for _, direction := range append(directions, otherValue) {
		for _, legType := range append(legTypes, otherValue) {
			for _, subType := range append(legSubTypes, otherValue) {
				for reason := range 40 {
					stage := source.Begin()
					class := legOutcome{legClass: legClass{direction, legType, subType, "participant"}, reason: fmt.Sprint(reason)}
					stage.count(source.legEnds, 1, source.byLegOutcome.get(class))
					stage.Commit()
				}
			}
		}
	}
	ends := collect(t, aggregator, now)["cisco.cms.call_leg.ends"]
	total, overflow := int64(0), int64(0)
	for attributes, n := range points(ends) {
		total += n
		if value, ok := attributes.Get("otel.metric.overflow"); ok && value.Bool() {
			overflow += n
		}
	}
	require.EqualValues(t, 3*3*6*40, total, "not every leg is counted")
	require.Positive(t, overflow)
	require.LessOrEqual(t, ends.Sum().DataPoints().Len(), maxSeries)
}

// TestDisabled checks that disabled metrics are not collected, and that others are.
func TestDisabled(t *testing.T) {
	require.Len(t, Names(), 36)
	aggregator := NewAggregator(instrumentation.Scope{Name: "test", Version: "1.2.3", SchemaURL: "https://example.com/schema"}, []string{"cisco.cms.record.received", "cisco.cms.call_leg.duration"})
	source, err := aggregator.Source("cms1", pcommon.NewResource())
	require.NoError(t, err)
	record, effect := legEnd(cdr.CallLeg{}, "timeout")
	stage := source.Begin()
	stage.Record(record, sequence.Verdict{}, effect)
	stage.Commit()
	got := collect(t, aggregator, now)
	require.NotContains(t, got, "cisco.cms.record.received")
	require.NotContains(t, got, "cisco.cms.call_leg.duration")
	require.Contains(t, got, "cisco.cms.call_leg.ends")
}

// TestSourcesAreLimited checks that sources above the limit are counted together.
func TestSourcesAreLimited(t *testing.T) {
	aggregator := NewAggregator(instrumentation.Scope{Name: "test", Version: "1.2.3", SchemaURL: "https://example.com/schema"}, nil)
	for n := range maxSources + 10 {
		resource := pcommon.NewResource()
		resource.Attributes().PutStr("service.name", "cisco-meeting-server")
		resource.Attributes().PutStr("service.instance.id", fmt.Sprint(n))
		resource.Attributes().PutStr("cisco.cms.system.id", fmt.Sprint(n))
		source, err := aggregator.Source(fmt.Sprint(n), resource)
		require.NoError(t, err)
		stage := source.Begin()
		stage.Duplicate()
		stage.Commit()
	}
	_, err := aggregator.Collect(context.Background(), func() time.Time { return now })
	require.NoError(t, err)
	all, err := aggregator.Collect(context.Background(), func() time.Time { return now })
	require.NoError(t, err)
	require.Equal(t, maxSources+1, all.ResourceMetrics().Len())
	for _, resource := range all.ResourceMetrics().All() {
		if id, _ := resource.Resource().Attributes().Get("service.instance.id"); id.Str() != otherValue {
			continue
		}
		require.Equal(t, map[string]any{"service.name": "cisco-meeting-server", "service.instance.id": otherValue}, resource.Resource().Attributes().AsRaw())
		for _, metric := range resource.ScopeMetrics().At(0).Metrics().All() {
			if metric.Name() == "cisco.cms.record.duplicate" {
				require.EqualValues(t, 10, metric.Sum().DataPoints().At(0).IntValue())
				return
			}
		}
	}
	t.Fatal("no duplicates are counted for _OTHER")
}
