package translate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/instrumentation"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// Traces creates the spans of one transaction. It is not safe for concurrent use. The
// exported methods of a nil *Traces do nothing.
type Traces struct {
	scope    instrumentation.Scope
	session  string
	resource pcommon.Resource
	// traces is allocated for the first span, because most documents have none.
	traces ptrace.Traces
	spans  ptrace.SpanSlice
	// keys and sizes are those of the spans, in the same order. size is the sum of the
	// sizes, with itemOverhead for each span. Sizes are in bytes, encoded as protobuf.
	keys  []SpanKey
	sizes []int
	size  int
	// attributes are those of the span that is being written.
	attributes *attributes
	// skip reports whether a span was accepted or dropped before; skipped are the spans
	// that were left out for that reason.
	skip    func(SpanKey) bool
	skipped []SpanKey
}

// NewTraces returns Traces without a span, for entities of a session. Spans for which
// skip returns true are left out.
func NewTraces(scope instrumentation.Scope, resource pcommon.Resource, session string, skip func(SpanKey) bool) *Traces {
	return &Traces{scope: scope, session: session, resource: resource, skip: skip}
}

// newTraces returns traces of the resource without a span.
func newTraces(scope instrumentation.Scope, resource pcommon.Resource) ptrace.Traces {
	traces := ptrace.NewTraces()
	resourceSpans := traces.ResourceSpans().AppendEmpty()
	resourceSpans.SetSchemaUrl(scope.SchemaURL)
	resource.CopyTo(resourceSpans.Resource())
	scopeSpans := resourceSpans.ScopeSpans().AppendEmpty()
	scopeSpans.SetSchemaUrl(scope.SchemaURL)
	writeScope(scopeSpans.Scope(), scope)
	return traces
}

func spansOf(traces ptrace.Traces) ptrace.SpanSlice {
	return traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
}

// Skipped returns the spans that were left out because they were accepted or dropped
// before.
func (t *Traces) Skipped() []SpanKey {
	if t == nil {
		return nil
	}
	return t.skipped
}

// Size returns the size of the spans in bytes, encoded as protobuf.
func (t *Traces) Size() int {
	if t == nil {
		return 0
	}
	return t.size
}

// maxEmptySize is an upper bound of the size in bytes of the resource and the scope of
// a payload.
const maxEmptySize = 8 << 10

// emptySize returns the size in bytes of a payload without spans.
func (t *Traces) emptySize() int {
	var marshaler ptrace.ProtoMarshaler
	return marshaler.TracesSize(newTraces(t.scope, t.resource))
}

// Len returns the number of spans.
func (t *Traces) Len() int {
	if t == nil {
		return 0
	}
	return len(t.keys)
}

// Add adds the spans of ended entities.
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
	if ended.Incomplete != "" {
		key.LastIndex = ended.LastIndex
	}
	if t.skip(key) {
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
	span.SetEndTimestamp(max(ended.Start, ended.End)) // a span must not end before its start

	t.attributes = newAttributes()
	t.attributes.text("cisco.cms.session.id", t.session)
	switch entity := ended.Entity.(type) {
	case *correlate.Meeting:
		t.meeting(span, entity)
	case *correlate.Call:
		t.call(span, entity, ended.EndRecord)
	case *correlate.Leg:
		t.leg(span, entity, ended.InCall, ended.EndRecord)
	case *correlate.Recording:
		t.recording(span, entity)
	case *correlate.Streaming:
		t.streaming(span, entity)
	}
	if ended.Incomplete != "" {
		t.incomplete(span, ended.Incomplete)
	}
	writeLinks(span, ended.Links)
	t.attributes.writeTo(span.Attributes())
	var marshaler ptrace.ProtoMarshaler
	size := marshaler.SpanSize(span)
	t.keys, t.sizes, t.size = append(t.keys, key), append(t.sizes, size), t.size+size+itemOverhead
}

// incomplete writes the reason why the entity was closed without its end record. A
// restart of the Call Bridge is an error for everybody who was in a call on it.
func (t *Traces) incomplete(span ptrace.Span, reason correlate.Reason) {
	t.attributes.text("cisco.cms.incomplete.reason", string(reason))
	if reason == correlate.Restarted {
		span.Status().SetCode(ptrace.StatusCodeError)
		t.attributes.text("error.type", string(reason))
	}
}

// extra writes the elements and attributes that are unknown to the receiver, under
// cisco.cms.extra.
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
		out := span.Links().AppendEmpty()
		out.SetTraceID(links[i].Trace)
		out.SetSpanID(links[i].Span)
		out.Attributes().PutStr("cisco.cms.link.reason", string(links[i].Reason))
	}
}

// qualifiedName returns the name followed by the qualifier, or only the name if the
// qualifier is empty.
func qualifiedName(name, qualifier string) string {
	if qualifier == "" {
		return name
	}
	return name + " " + qualifier
}
