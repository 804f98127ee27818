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

// Stage collects what a document adds to a source's series; nothing is counted
// before Commit. To a nil stage records can be given, and it counts none.
type Stage struct {
	source *Source
	counts []count
	values []value
}

// adder is a counter, up or down too.
type adder interface {
	Add(context.Context, int64, ...metric.AddOption)
}

// count is a change of a counter.
type count struct {
	counter adder
	add     int64
	series  *series
}

// value is one value of a histogram, and the span that gave it.
type value struct {
	histogram metric.Float64Histogram
	value     float64
	series    *series
	trace     pcommon.TraceID
	span      pcommon.SpanID
}

// stages are those that were counted, for the memory of their lists. A stage that is
// dropped does not return.
var stages = sync.Pool{New: func() any { return new(Stage) }}

// Begin starts a stage.
func (s *Source) Begin() *Stage {
	stage := stages.Get().(*Stage)
	stage.source = s
	return stage
}

// done lets another source use the stage.
func (s *Stage) reset() {
	s.source, s.counts, s.values = nil, s.counts[:0], s.values[:0]
	stages.Put(s)
}

// Record counts a new record, what it shows to be missing, and what it means.
func (s *Stage) Record(record *cdr.Record, verdict sequence.Verdict, effect *correlate.Effect) {
	if s == nil {
		return
	}
	s.count(s.source.recordReceived, 1, s.source.byRecordType.get(recordType(RecordType(record))))
	for _, gap := range verdict.Missing {
		s.count(s.source.recordMissing, int64(gap.Count()), s.source.single.get(noAttributes{}))
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
		s.count(s.source.recordingStarts, 1, s.source.single.get(noAttributes{}))
	case *cdr.StreamingStart:
		s.count(s.source.streamingStarts, 1, s.source.single.get(noAttributes{}))
	}
	s.captures(effect)
}

// Duplicate counts a record that had been accepted before.
func (s *Stage) Duplicate() {
	if s != nil {
		s.count(s.source.recordDuplicate, 1, s.source.single.get(noAttributes{}))
	}
}

// Recovered counts a record that had been counted as missing and came after all.
func (s *Stage) Recovered() {
	if s != nil {
		s.count(s.source.recordRecovered, 1, s.source.single.get(noAttributes{}))
	}
}

func (s *Stage) callEnd(end *cdr.CallEnd, effect *correlate.Effect) {
	class := s.source.byCallType.get(callTypeOf(effect.Call))
	s.optionalInt(s.source.callDuration, end.DurationSeconds, class, effect)
	s.optionalInt(s.source.callLegsMaxActive, end.LegsMaxActive, class, effect)
}

// legEnd counts a leg's end. An outcome without the reason tells apart well
// enough how long legs last.
func (s *Stage) legEnd(end *cdr.CallLegEnd, effect *correlate.Effect) {
	leg := effect.Leg
	class := outcomeOf(legClassOf(leg), end)
	s.count(s.source.legEnds, 1, s.source.byLegOutcome.get(class))
	class.reason, class.endedBy = "", ""
	outcome, legs := s.source.byLegOutcome.get(class), s.source.byLegClass.get(class.legClass)
	s.optionalInt(s.source.legDuration, end.DurationSeconds, outcome, effect)
	s.optionalInt(s.source.legActivatedDuration, end.ActivatedDuration, outcome, effect)
	if leg.Start != 0 && leg.ConnectedAt >= leg.Start {
		s.value(s.source.legSetupDuration, seconds(leg.Start, leg.ConnectedAt), legs, effect)
	}
	if leg.IVR.Visited {
		s.value(s.source.legIVRStay, leg.IVR.Total.Seconds(), legs, effect)
	}
	if leg.Lobby.Visited {
		s.value(s.source.legLobbyStay, leg.Lobby.Total.Seconds(), legs, effect)
	}
}

// captures counts how long recordings and streamings lasted: their records do
// not tell, so both are needed.
func (s *Stage) captures(effect *correlate.Effect) {
	for i := range effect.Ended {
		ended := &effect.Ended[i]
		if ended.EndRecord == nil || ended.End < ended.Start {
			continue
		}
		switch of := ended.Entity.(type) {
		case *correlate.Recording:
			s.captureDuration(s.source.recordingDuration, of.Start, ended)
		case *correlate.Streaming:
			s.captureDuration(s.source.streamingDuration, of.Start, ended)
		}
	}
}

func (s *Stage) captureDuration(of metric.Float64Histogram, start pcommon.Timestamp, ended *correlate.EndedEntity) {
	if start != 0 {
		s.values = append(s.values, value{histogram: of, value: seconds(start, ended.End), series: s.source.single.get(noAttributes{}), trace: ended.Trace, span: ended.Span})
	}
}

func seconds(from, to pcommon.Timestamp) float64 { return time.Duration(to - from).Seconds() }

func (s *Stage) count(of adder, add int64, in *series) {
	s.counts = append(s.counts, count{counter: of, add: add, series: in})
}

func (s *Stage) value(of metric.Float64Histogram, v float64, in *series, effect *correlate.Effect) {
	s.values = append(s.values, value{histogram: of, value: v, series: in, trace: effect.Trace, span: effect.Span})
}

// told and measured take a value that a record may leave out.
func (s *Stage) optionalInt(of metric.Float64Histogram, v cdr.Optional[int64], in *series, effect *correlate.Effect) {
	if v.Present {
		s.value(of, float64(v.Value), in, effect)
	}
}

func (s *Stage) optionalDouble(of metric.Float64Histogram, v cdr.Optional[float64], in *series, effect *correlate.Effect) {
	if v.Present {
		s.value(of, v.Value, in, effect)
	}
}

// Commit counts what was staged. The stage must not be used after it.
func (s *Stage) Commit() { s.source.commit(s) }

// apply counts what was staged, and is done with the stage. Exemplars keep the context
// that they are given, so it is not the request's.
func (s *Stage) apply() {
	ctx := context.Background()
	for _, c := range mergeCounts(s.counts) {
		c.counter.Add(ctx, c.add, c.series.add...)
	}
	var span context.Context
	for i, v := range s.values {
		// The values of one leg stand together, and share what an exemplar refers to.
		if i == 0 || v.span != s.values[i-1].span || v.trace != s.values[i-1].trace {
			span = inSpan(ctx, v.trace, v.span)
		}
		v.histogram.Record(span, v.value, v.series.record...)
	}
	s.reset()
}

// lookBack is how many counts are looked through for one of the same series: the end
// of a leg has about ten.
const mergeWindow = 32

// joined joins counts of the same series in place: the records of a document have most
// series in common, and the SDK takes longer to count once more than this to look.
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

// inSpan makes the span the one that an exemplar refers to.
func inSpan(ctx context.Context, traceID pcommon.TraceID, span pcommon.SpanID) context.Context {
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID(traceID), SpanID: trace.SpanID(span), TraceFlags: trace.FlagsSampled,
	}))
}
