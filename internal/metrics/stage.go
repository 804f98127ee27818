package metrics

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// Stage collects what a transaction adds to the series of a source. Nothing is
// counted before Commit. The methods Record, Duplicate, Recovered, Incomplete and Restart
// of a nil *Stage do nothing. A Stage is used by one goroutine.
type Stage struct {
	source *Source
	counts []count
	values []value
}

// adder is a counter or an up-down counter.
type adder interface {
	Add(context.Context, int64, ...metric.AddOption)
}

// count is a change of a counter.
type count struct {
	counter adder
	add     int64
	series  *series
}

// value is a value of a histogram, and the span of the entity that it is about.
type value struct {
	histogram metric.Float64Histogram
	value     float64
	series    *series
	trace     pcommon.TraceID
	span      pcommon.SpanID
}

// stages reuses the memory of committed stages. Dropped stages are not returned to it.
var stages = sync.Pool{New: func() any { return new(Stage) }}

// Begin starts a stage.
func (s *Source) Begin() *Stage {
	stage := stages.Get().(*Stage)
	stage.source = s
	return stage
}

// recycle returns the stage to the pool.
func (s *Stage) recycle() {
	s.source, s.counts, s.values = nil, s.counts[:0], s.values[:0]
	stages.Put(s)
}

// Record counts a new record, the records that are missing before it, and its effect.
func (s *Stage) Record(record *cdr.Record, verdict sequence.Verdict, effect *correlate.Effect) {
	if s == nil {
		return
	}
	s.count(s.source.recordReceived, 1, s.source.byRecordType.get(recordType(RecordType(record))))
	for _, gap := range verdict.Missing {
		s.count(s.source.recordMissing, int64(gap.Count()), s.source.withoutAttributes.get(noAttributes{}))
	}
	if verdict.Recovered {
		s.Recovered()
	}
	switch body := record.Body.(type) {
	case *cdr.CallStart:
		s.count(s.source.callStarts, 1, s.source.byCallType.get(callTypeOf(effect.Call)))
	case *cdr.CallEnd:
		s.callEnd(body, effect)
	case *cdr.CallLegStart:
		s.count(s.source.legStarts, 1, s.source.byLegClass.get(legClassOf(effect.Leg)))
	case *cdr.CallLegEnd:
		s.legEnd(body, effect)
		s.media(body, effect)
	case *cdr.RecordingStart:
		s.count(s.source.recordingStarts, 1, s.source.withoutAttributes.get(noAttributes{}))
	case *cdr.StreamingStart:
		s.count(s.source.streamingStarts, 1, s.source.withoutAttributes.get(noAttributes{}))
	}
	s.captureDurations(effect)
}

// Duplicate counts a record whose index was committed before, or staged before in the same
// transaction.
func (s *Stage) Duplicate() {
	if s != nil {
		s.count(s.source.recordDuplicate, 1, s.source.withoutAttributes.get(noAttributes{}))
	}
}

// Recovered counts a record that arrived after it was counted as missing.
func (s *Stage) Recovered() {
	if s != nil {
		s.count(s.source.recordRecovered, 1, s.source.withoutAttributes.get(noAttributes{}))
	}
}

func (s *Stage) callEnd(end *cdr.CallEnd, effect *correlate.Effect) {
	callSeries := s.source.byCallType.get(callTypeOf(effect.Call))
	s.optionalInt(s.source.callDuration, end.DurationSeconds, callSeries, effect)
	s.optionalInt(s.source.callLegsMaxActive, end.LegsMaxActive, callSeries, effect)
}

// legEnd counts the end of a leg. To limit the number of series, the duration and the
// activated duration have the outcome and not the reason, and the other durations have
// neither.
func (s *Stage) legEnd(end *cdr.CallLegEnd, effect *correlate.Effect) {
	leg := effect.Leg
	class := outcomeOf(legClassOf(leg), end)
	s.count(s.source.legEnds, 1, s.source.byLegOutcome.get(class))
	class.reason, class.endedBy = "", ""
	outcomeSeries, legSeries := s.source.byLegOutcome.get(class), s.source.byLegClass.get(class.legClass)
	s.optionalInt(s.source.legDuration, end.DurationSeconds, outcomeSeries, effect)
	s.optionalInt(s.source.legActivatedDuration, end.ActivatedDuration, outcomeSeries, effect)
	if leg.Start != 0 && leg.ConnectedAt >= leg.Start {
		s.value(s.source.legSetupDuration, seconds(leg.Start, leg.ConnectedAt), legSeries, effect)
	}
	if leg.IVR.Visited {
		s.value(s.source.legIVRDuration, leg.IVR.Total.Seconds(), legSeries, effect)
	}
	if leg.Lobby.Visited {
		s.value(s.source.legLobbyDuration, leg.Lobby.Total.Seconds(), legSeries, effect)
	}
}

// captureDurations counts the durations of recordings and streamings. Their end records have no
// duration, so it is the time between the start and the end record.
func (s *Stage) captureDurations(effect *correlate.Effect) {
	for i := range effect.Ended {
		ended := &effect.Ended[i]
		if ended.EndRecord == nil {
			continue
		}
		switch entity := ended.Entity.(type) {
		case *correlate.Recording:
			s.captureDuration(s.source.recordingDuration, entity.Start, ended)
		case *correlate.Streaming:
			s.captureDuration(s.source.streamingDuration, entity.Start, ended)
		}
	}
}

func (s *Stage) captureDuration(histogram metric.Float64Histogram, start pcommon.Timestamp, ended *correlate.EndedEntity) {
	if start != 0 && ended.End >= start {
		s.values = append(s.values, value{histogram: histogram, value: seconds(start, ended.End), series: s.source.withoutAttributes.get(noAttributes{}), trace: ended.Trace, span: ended.Span})
	}
}

func seconds(from, to pcommon.Timestamp) float64 { return time.Duration(to - from).Seconds() }

func (s *Stage) count(counter adder, add int64, series *series) {
	s.counts = append(s.counts, count{counter: counter, add: add, series: series})
}

// maxValue is the highest value of a histogram. It is that of the integers of package cdr.
const maxValue = 1 << 53

// value adds a value of a histogram. A negative value is not counted, because the sum of a
// cumulative histogram must not decrease, and a value above maxValue is not, because the sum
// of such values can become infinite and then stays so. Meeting Server sends neither.
func (s *Stage) value(histogram metric.Float64Histogram, v float64, series *series, effect *correlate.Effect) {
	if v < 0 || v > maxValue {
		return
	}
	s.values = append(s.values, value{histogram: histogram, value: v, series: series, trace: effect.Trace, span: effect.Span})
}

// optionalInt adds a value that a record can omit.
func (s *Stage) optionalInt(histogram metric.Float64Histogram, v cdr.Optional[int64], series *series, effect *correlate.Effect) {
	if v.Present {
		s.value(histogram, float64(v.Value), series, effect)
	}
}

// optionalDouble adds a value that a record can omit.
func (s *Stage) optionalDouble(histogram metric.Float64Histogram, v cdr.Optional[float64], series *series, effect *correlate.Effect) {
	if v.Present {
		s.value(histogram, v.Value, series, effect)
	}
}

// Commit counts what was staged. For a new source it counts it only after the initial zeros
// of the source were collected, or when too much is pending or the receiver shuts down. The
// stage must not be used afterwards.
func (s *Stage) Commit() { s.source.commit(s) }

// apply counts what was staged and recycles the stage. It does not use the request's
// context, because exemplars keep the context.
func (s *Stage) apply() {
	ctx := context.Background()
	for _, c := range mergeCounts(s.counts) {
		c.counter.Add(ctx, c.add, c.series.addOptions...)
	}
	var spanCtx context.Context
	for i, v := range s.values {
		// The values of one leg are consecutive and share a context for exemplars.
		if i == 0 || v.span != s.values[i-1].span || v.trace != s.values[i-1].trace {
			spanCtx = inSpan(ctx, v.trace, v.span)
		}
		v.histogram.Record(spanCtx, v.value, v.series.recordOptions...)
	}
	s.recycle()
}

// mergeWindow is the number of earlier counts that are searched for one of the same
// counter and series. The end of a leg has about ten counts.
const mergeWindow = 32

// mergeCounts merges counts of the same counter and series in place. The records of a
// document have most series in common, and a merge costs less than an addition in the
// SDK.
func mergeCounts(counts []count) []count {
	n := 0
next:
	for _, c := range counts {
		for i := n - 1; i >= max(0, n-mergeWindow); i-- {
			if same := &counts[i]; same.series == c.series && same.counter == c.counter {
				same.add += c.add
				continue next
			}
		}
		counts[n] = c
		n++
	}
	return counts[:n]
}

// inSpan returns a context with a span, to which exemplars refer.
func inSpan(ctx context.Context, traceID pcommon.TraceID, span pcommon.SpanID) context.Context {
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID(traceID), SpanID: trace.SpanID(span), TraceFlags: trace.FlagsSampled,
	}))
}
