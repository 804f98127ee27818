package printed

import (
	"fmt"
	"io"
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Kind returns what a span with this name describes: meeting, call, call_leg, recording or
// streaming. The name of a leg's span starts with its role, or is call_leg if it has none.
func Kind(name string) string {
	switch kind, _, _ := strings.Cut(name, " "); kind {
	case "meeting", "call", "recording", "streaming":
		return kind
	}
	return "call_leg"
}

// Spans formats what the receiver sets in each span, except the number of dropped events, in
// the order of the payloads.
func Spans(all []ptrace.Traces) string {
	var w strings.Builder
	for _, traces := range all {
		for _, resource := range traces.ResourceSpans().All() {
			for _, scope := range resource.ScopeSpans().All() {
				for _, span := range scope.Spans().All() {
					printSpan(&w, span)
				}
			}
		}
	}
	return w.String()
}

func printSpan(w io.Writer, span ptrace.Span) {
	fmt.Fprintf(w, "%s (%s)\n", span.Name(), strings.ToLower(span.Kind().String()))
	fmt.Fprintf(w, "  trace %s, span %s", span.TraceID(), span.SpanID())
	if !span.ParentSpanID().IsEmpty() {
		fmt.Fprintf(w, ", parent %s", span.ParentSpanID())
	}
	fmt.Fprintf(w, "\n  %s to %s\n", instant(span.StartTimestamp()), instant(span.EndTimestamp()))
	if span.Status().Code() != ptrace.StatusCodeUnset {
		fmt.Fprintf(w, "  status %s\n", strings.ToLower(span.Status().Code().String()))
	}
	attributes(w, "  ", span.Attributes())
	for _, event := range span.Events().All() {
		fmt.Fprintf(w, "  event %s at %s\n", event.Name(), instant(event.Timestamp()))
		attributes(w, "    ", event.Attributes())
	}
	for _, link := range span.Links().All() {
		fmt.Fprintf(w, "  link to trace %s, span %s\n", link.TraceID(), link.SpanID())
		attributes(w, "    ", link.Attributes())
	}
}
