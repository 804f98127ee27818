package metrics

import (
	"context"

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

// count is a change of a counter.
type count struct {
	of interface {
		Add(context.Context, int64, ...metric.AddOption)
	}
	add   int64
	class attributer
}

// value is one value of a histogram, and the span that gave it.
type value struct {
	of    metric.Float64Histogram
	value float64
	class attributer
	trace pcommon.TraceID
	span  pcommon.SpanID
}

// Begin starts a stage.
func (s *Source) Begin() *Stage { return &Stage{source: s} }

// Record counts a new record, what it shows to be missing, and what it means.
func (s *Stage) Record(record *cdr.Record, verdict sequence.Verdict, effect *correlate.Effect) {
	if s == nil {
		return
	}
	s.count(s.source.recordReceived, 1, recordType(RecordType(record)))
	for _, gap := range verdict.Missing {
		s.count(s.source.recordMissing, int64(gap.Count()), none{})
	}
	if verdict.Recovered {
		s.count(s.source.recordRecovered, 1, none{})
	}
	switch body := record.Body.(type) {
	case *cdr.CallStart:
		s.count(s.source.callStarts, 1, classOfCall(effect.Call))
	case *cdr.CallEnd:
		s.callEnd(body, effect)
	case *cdr.CallLegStart:
		s.count(s.source.legStarts, 1, classOf(&effect.Leg.CallLeg))
	case *cdr.CallLegEnd:
		s.legEnd(body, effect)
	}
}

// Duplicate counts a record that had been accepted before.
func (s *Stage) Duplicate() {
	if s != nil {
		s.count(s.source.recordDuplicate, 1, none{})
	}
}

// Change counts something that opens (before is nil), changes or closes (after
// is nil).
func (s *Stage) Change(before, after correlate.Thing) {
	from, was := s.active(before)
	to, is := s.active(after)
	if from == to && was == is {
		return
	}
	if is != nil {
		s.count(is, 1, to)
	}
	if was != nil {
		s.count(was, -1, from)
	}
}

// active is what counts the things of a class that are open, nil where none
// does.
func (s *Stage) active(thing correlate.Thing) (attributer, metric.Int64UpDownCounter) {
	switch of := thing.(type) {
	case *correlate.Call:
		return classOfCall(of), s.source.callActive
	case *correlate.Leg:
		return classOf(&of.CallLeg), s.source.legActive
	default:
		return nil, nil
	}
}

// Incomplete counts the spans that no end record closed.
func (s *Stage) Incomplete(ended []correlate.Ended) {
	if s == nil {
		return
	}
	for i := range ended {
		if why := ended[i].Incomplete; why != "" {
			s.count(s.source.incompleteSpans, 1, incompleteReason(why))
		}
	}
}

// Restart counts that the source began another session.
func (s *Stage) Restart() {
	if s != nil {
		s.count(s.source.callBridgeRestarts, 1, none{})
	}
}

func (s *Stage) callEnd(end *cdr.CallEnd, effect *correlate.Effect) {
	class := classOfCall(effect.Call)
	s.optional(s.source.callDuration, end.DurationSeconds, class, effect)
	s.optional(s.source.callLegsMaxActive, end.LegsMaxActive, class, effect)
}

// legEnd counts a leg's end. An outcome without the reason tells apart well
// enough how long legs last.
func (s *Stage) legEnd(end *cdr.CallLegEnd, effect *correlate.Effect) {
	class := outcomeOf(classOf(&effect.Leg.CallLeg), end.Reason)
	s.count(s.source.legEnds, 1, class)
	class.reason = ""
	s.optional(s.source.legDuration, end.DurationSeconds, class, effect)
	s.optional(s.source.legActivatedDuration, end.ActivatedDuration, class, effect)
}

func classOfCall(call *correlate.Call) callType { return callType(oneOf(callTypes, call.CallType)) }

func (s *Stage) count(of interface {
	Add(context.Context, int64, ...metric.AddOption)
}, add int64, class attributer,
) {
	s.counts = append(s.counts, count{of: of, add: add, class: class})
}

func (s *Stage) optional(of metric.Float64Histogram, v cdr.Optional[int64], class attributer, effect *correlate.Effect) {
	if v.Present {
		s.values = append(s.values, value{of: of, value: float64(v.Value), class: class, trace: effect.Trace, span: effect.Span})
	}
}

// Commit counts what was staged.
func (s *Stage) Commit(ctx context.Context) {
	for _, c := range s.counts {
		c.of.Add(ctx, c.add, s.source.options.of(c.class))
	}
	for _, v := range s.values {
		v.of.Record(inSpan(ctx, v.trace, v.span), v.value, s.source.options.of(v.class))
	}
}

// inSpan makes the span the one that an exemplar refers to.
func inSpan(ctx context.Context, traceID pcommon.TraceID, span pcommon.SpanID) context.Context {
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID(traceID), SpanID: trace.SpanID(span), TraceFlags: trace.FlagsSampled,
	}))
}
