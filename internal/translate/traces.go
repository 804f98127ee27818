package translate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/instrumentation"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// Traces writes the spans of one document. It is used by one goroutine and for
// one document. To nil traces everything can be given, and nothing is written.
type Traces struct {
	session string
	traces  ptrace.Traces
	spans   ptrace.SpanSlice
	scratch attributes
}

// NewTraces starts the spans of a document of that session.
func NewTraces(by instrumentation.Scope, resource pcommon.Resource, session string) *Traces {
	t := &Traces{session: session, traces: ptrace.NewTraces()}
	of := t.traces.ResourceSpans().AppendEmpty()
	of.SetSchemaUrl(by.SchemaURL)
	resource.CopyTo(of.Resource())
	scope := of.ScopeSpans().AppendEmpty()
	scope.SetSchemaUrl(by.SchemaURL)
	writeScope(scope.Scope(), by)
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

// Add writes what ended.
func (t *Traces) Add(ended []correlate.Ended) {
	if t == nil {
		return
	}
	for i := range ended {
		t.add(&ended[i])
	}
}

func (t *Traces) add(ended *correlate.Ended) {
	span := t.spans.AppendEmpty()
	span.SetTraceID(ended.Trace)
	span.SetSpanID(ended.Span)
	span.SetParentSpanID(ended.Parent)
	span.SetKind(ptrace.SpanKindInternal)
	span.SetStartTimestamp(ended.Start)
	span.SetEndTimestamp(max(ended.Start, ended.End)) // an end before the start gives a span of no length

	t.scratch.text("cisco.cms.session.id", t.session)
	switch thing := ended.Thing.(type) {
	case *correlate.Meeting:
		t.meeting(span, thing)
	case *correlate.Call:
		t.call(span, thing, ended.By)
	case *correlate.Leg:
		t.leg(span, thing, ended.By)
	case *correlate.Recording:
		t.recording(span, thing)
	case *correlate.Streaming:
		t.streaming(span, thing)
	}
	if ended.Incomplete != "" {
		t.incomplete(span, ended.Incomplete)
	}
	writeLinks(span, ended.Links)
	t.scratch.moveTo(span.Attributes())
}

// incomplete says why no end record closed the span. That a Call Bridge
// restarted is a fault to whoever was in a call on it.
func (t *Traces) incomplete(span ptrace.Span, why correlate.Reason) {
	t.scratch.text("cisco.cms.incomplete.reason", string(why))
	if why == correlate.Restarted {
		span.Status().SetCode(ptrace.StatusCodeError)
		t.scratch.text("error.type", string(why))
	}
}

// extra writes what the receiver does not know under a name of its own.
func (t *Traces) extra(extra correlate.Extra) {
	for i := range extra {
		t.scratch.list = append(t.scratch.list, attribute{
			key: "cisco.cms.extra." + extra[i].Name, kind: pcommon.ValueTypeStr, text: extra[i].Value,
		})
	}
}

func writeLinks(span ptrace.Span, links []correlate.Link) {
	span.Links().EnsureCapacity(len(links))
	for i := range links {
		to := span.Links().AppendEmpty()
		to.SetTraceID(links[i].Trace)
		to.SetSpanID(links[i].Span)
		to.Attributes().PutStr("cisco.cms.link.reason", string(links[i].Why))
	}
}

// nameWith is the name, and the kind of thing where it is known.
func nameWith(name, kind string) string {
	if kind == "" {
		return name
	}
	return name + " " + kind
}
