package printed

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Tree writes each trace as a tree, with a line for each span and its events below it.
func Tree(w io.Writer, all []ptrace.Traces) {
	byTrace := map[pcommon.TraceID][]ptrace.Span{}
	var order []pcommon.TraceID
	for _, traces := range all {
		for _, resource := range traces.ResourceSpans().All() {
			for _, scope := range resource.ScopeSpans().All() {
				for _, span := range scope.Spans().All() {
					if byTrace[span.TraceID()] == nil {
						order = append(order, span.TraceID())
					}
					byTrace[span.TraceID()] = append(byTrace[span.TraceID()], span)
				}
			}
		}
	}
	for _, id := range order {
		fmt.Fprintf(w, "trace %s\n", id)
		printTree(w, byTrace[id])
	}
}

// tree maps the id of a span to its children. Spans whose parent is not in the trace are
// children of the empty id.
type tree map[pcommon.SpanID][]ptrace.Span

func printTree(w io.Writer, spans []ptrace.Span) {
	slices.SortStableFunc(spans, func(a, b ptrace.Span) int { return cmp.Compare(a.StartTimestamp(), b.StartTimestamp()) })
	present := map[pcommon.SpanID]bool{}
	for _, span := range spans {
		present[span.SpanID()] = true
	}
	t := tree{}
	for _, span := range spans {
		parent := span.ParentSpanID()
		if !present[parent] {
			parent = pcommon.SpanID{}
		}
		t[parent] = append(t[parent], span)
	}
	t.print(w, pcommon.SpanID{}, "")
}

func (t tree) print(w io.Writer, parent pcommon.SpanID, indent string) {
	spans := t[parent]
	for i, span := range spans {
		branch, below := "├─ ", "│  "
		if i == len(spans)-1 {
			branch, below = "└─ ", "   "
		}
		start, end := span.StartTimestamp().AsTime(), span.EndTimestamp().AsTime()
		fmt.Fprintf(w, "%s%-*s %s – %s  %7s  %s\n", indent+branch, max(1, 40-len([]rune(indent))), span.Name(),
			start.Format("15:04:05"), end.Format("15:04:05"), end.Sub(start), summary(span))
		for _, event := range span.Events().All() {
			fmt.Fprintf(w, "%s· %s %s\n", indent+below, event.Timestamp().AsTime().Format("15:04:05"),
				strings.TrimPrefix(event.Name(), "cisco.cms.call_leg."))
		}
		t.print(w, span.SpanID(), indent+below)
	}
}

// summary returns the values of the attributes that distinguish the spans of a trace, and
// ERROR for a span with that status.
func summary(span ptrace.Span) string {
	var parts []string
	for _, key := range []string{
		"cisco.cms.call.name", "cisco.cms.call_leg.display_name",
		"cisco.cms.call_leg.reason", "cisco.cms.recording.path", "cisco.cms.incomplete.reason",
	} {
		if v, ok := span.Attributes().Get(key); ok {
			parts = append(parts, v.AsString())
		}
	}
	if span.Status().Code() == ptrace.StatusCodeError {
		parts = append(parts, "ERROR")
	}
	return strings.Join(parts, ", ")
}
