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
	scope    instrumentation.Scope
	session  string
	resource pcommon.Resource
	// traces are made for the first span: most documents have none.
	traces ptrace.Traces
	spans  ptrace.SpanSlice
	// keys and sizes are those of the spans, size is the sum of the sizes.
	keys  []SpanKey
	sizes []int
	size  int
	// attributes are those of the span that is being written.
	attributes *attributes
	// delivered reports whether the pipelines have a span already; left are those
	// that were left out for it.
	delivered func(SpanKey) bool
	skipped   []SpanKey
}

// NewTraces starts the spans of a document of that session. Spans that delivered
// reports are left out.
func NewTraces(scope instrumentation.Scope, resource pcommon.Resource, session string, delivered func(SpanKey) bool) *Traces {
	return &Traces{scope: scope, session: session, resource: resource, delivered: delivered}
}

// newTraces returns traces of that resource without a span.
func newTraces(scope instrumentation.Scope, resource pcommon.Resource) ptrace.Traces {
	traces := ptrace.NewTraces()
	of := traces.ResourceSpans().AppendEmpty()
	of.SetSchemaUrl(scope.SchemaURL)
	resource.CopyTo(of.Resource())
	scopeSpans := of.ScopeSpans().AppendEmpty()
	scopeSpans.SetSchemaUrl(scope.SchemaURL)
	writeScope(scopeSpans.Scope(), scope)
	return traces
}

func spansOf(traces ptrace.Traces) ptrace.SpanSlice {
	return traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
}

// LeftOut are the spans that were left out, as the pipelines have them.
func (t *Traces) Skipped() []SpanKey {
	if t == nil {
		return nil
	}
	return t.skipped
}

// Size is that of the spans so far in bytes, encoded as protobuf.
func (t *Traces) Size() int {
	if t == nil {
		return 0
	}
	return t.size
}

// maxBase bounds what the resource and the scope of a payload take in bytes.
const maxEmptySize = 8 << 10

// base is the size in bytes of traces of the resource without a span.
func (t *Traces) emptySize() int {
	var size ptrace.ProtoMarshaler
	return size.TracesSize(newTraces(t.scope, t.resource))
}

// Len is the number of spans so far.
func (t *Traces) Len() int {
	if t == nil {
		return 0
	}
	return len(t.keys)
}

// Add writes what ended.
func (t *Traces) Add(ended []correlate.EndedEntity) {
	if t == nil {
		return
	}
	for i := range ended {
		t.add(&ended[i])
	}
}

func (t *Traces) add(ended *correlate.EndedEntity) {
	key := SpanKey{Trace: ended.Trace, Span: ended.Span, Incomplete: ended.Incomplete}
	if t.delivered(key) {
		t.skipped = append(t.skipped, key)
		return
	}
	if t.Len() == 0 {
		t.traces = newTraces(t.scope, t.resource)
		t.spans = spansOf(t.traces)
	}
	span := t.spans.AppendEmpty()
	span.SetTraceID(ended.Trace)
	span.SetSpanID(ended.Span)
	span.SetParentSpanID(ended.Parent)
	span.SetKind(ptrace.SpanKindInternal)
	span.SetStartTimestamp(ended.Start)
	span.SetEndTimestamp(max(ended.Start, ended.End)) // an end before the start gives a span of no length

	t.attributes = newAttributes()
	t.attributes.text("cisco.cms.session.id", t.session)
	switch thing := ended.Entity.(type) {
	case *correlate.Meeting:
		t.meeting(span, thing)
	case *correlate.Call:
		t.call(span, thing, ended.EndRecord)
	case *correlate.Leg:
		t.leg(span, thing, ended.InCall, ended.EndRecord)
	case *correlate.Recording:
		t.recording(span, thing)
	case *correlate.Streaming:
		t.streaming(span, thing)
	}
	if ended.Incomplete != "" {
		t.incomplete(span, ended.Incomplete)
	}
	writeLinks(span, ended.Links)
	t.attributes.writeTo(span.Attributes())
	var encoded ptrace.ProtoMarshaler
	size := encoded.SpanSize(span)
	t.keys, t.sizes, t.size = append(t.keys, key), append(t.sizes, size), t.size+size+itemOverhead
}

// incomplete says why no end record closed the span. That a Call Bridge
// restarted is a fault to whoever was in a call on it.
func (t *Traces) incomplete(span ptrace.Span, why correlate.Reason) {
	t.attributes.text("cisco.cms.incomplete.reason", string(why))
	if why == correlate.Restarted {
		span.Status().SetCode(ptrace.StatusCodeError)
		t.attributes.text("error.type", string(why))
	}
}

// extra writes what the receiver does not know under a name of its own.
func (t *Traces) extra(extra correlate.Extra) {
	for i := range extra {
		t.attributes.list = append(t.attributes.list, attribute{
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
		to.Attributes().PutStr("cisco.cms.link.reason", string(links[i].Reason))
	}
}

// nameWith is the name, and the kind of thing where it is known.
func qualifiedName(name, kind string) string {
	if kind == "" {
		return name
	}
	return name + " " + kind
}
