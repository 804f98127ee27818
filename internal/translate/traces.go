package translate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// ScopeName is the instrumentation scope of all that the receiver emits.
const ScopeName = "github.com/cmscdr/cmscdrreceiver"

// Traces writes the spans of one document. It is used by one goroutine and for
// one document. To nil traces everything can be given, and nothing is written.
type Traces struct {
	session string
	traces  ptrace.Traces
	spans   ptrace.SpanSlice
	scratch attributes
}

// NewTraces starts the spans of a document of that session.
func NewTraces(resource pcommon.Resource, session string) *Traces {
	t := &Traces{session: session, traces: ptrace.NewTraces()}
	of := t.traces.ResourceSpans().AppendEmpty()
	resource.CopyTo(of.Resource())
	scope := of.ScopeSpans().AppendEmpty()
	scope.Scope().SetName(ScopeName)
	t.spans = scope.Spans()
	return t
}

// Take returns the spans; the caller owns them.
func (t *Traces) Take() ptrace.Traces { return t.traces }

// Len is the number of spans so far.
func (t *Traces) Len() int {
	if t == nil {
		return 0
	}
	return t.spans.Len()
}

// Add writes what ended, if anything did.
func (t *Traces) Add(ended *correlate.Ended) {
	if t == nil || ended == nil {
		return
	}
	span := t.spans.AppendEmpty()
	span.SetTraceID(ended.Trace)
	span.SetSpanID(ended.Span)
	span.SetParentSpanID(ended.Parent)
	span.SetKind(ptrace.SpanKindInternal)
	span.SetStartTimestamp(pcommon.NewTimestampFromTime(ended.Start))
	// An end before the start gives a span of no length.
	end := ended.End
	if end.Before(ended.Start) {
		end = ended.Start
	}
	span.SetEndTimestamp(pcommon.NewTimestampFromTime(end))

	t.scratch.text("cisco.cms.session.id", t.session)
	switch {
	case ended.Call != nil:
		t.call(span, ended)
	case ended.Leg != nil:
		t.leg(span, ended)
	case ended.Recording != nil:
		t.recording(span, ended)
	case ended.Streaming != nil:
		t.streaming(span, ended)
	}
	t.scratch.moveTo(span.Attributes())
}

// extra writes what the receiver does not know under a name of its own.
func (t *Traces) extra(extra correlate.Extra) {
	for i := range extra {
		t.scratch.list = append(t.scratch.list, attribute{
			key: "cisco.cms.extra." + extra[i].Name, kind: pcommon.ValueTypeStr, text: extra[i].Value,
		})
	}
}

// link points to the span of a leg, which is in the same trace unless told otherwise.
func link(span ptrace.Span, trace pcommon.TraceID, leg string) {
	if leg == "" {
		return
	}
	to := span.Links().AppendEmpty()
	to.SetTraceID(trace)
	to.SetSpanID(correlate.SpanID(leg))
}

// nameWith is the name, and the kind of thing where it is known.
func nameWith(name, kind string) string {
	if kind == "" {
		return name
	}
	return name + " " + kind
}
