package main

import (
	"cmp"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// row is a span at its place in the tree of its trace.
type row struct {
	span  ptrace.Span
	depth int
	// branch is drawn before the span's name, next before the lines below it.
	branch, next string
	// source is the service.instance.id of the resource.
	source string
}

// rows returns the spans in tree order: parents first, siblings by start.
func rows(all []ptrace.Traces) []row {
	spans := unsortedRows(all)
	slices.SortStableFunc(spans, func(a, b row) int { return cmp.Compare(a.span.StartTimestamp(), b.span.StartTimestamp()) })
	known, below := map[pcommon.SpanID]bool{}, map[pcommon.SpanID][]row{}
	for _, r := range spans {
		known[r.span.SpanID()] = true
	}
	for _, r := range spans {
		parent := r.span.ParentSpanID()
		if !known[parent] {
			parent = pcommon.SpanID{}
		}
		below[parent] = append(below[parent], r)
	}
	var out []row
	for _, root := range below[pcommon.SpanID{}] {
		out = appendDescendants(append(out, root), below, root)
	}
	return out
}

// appendDescendants appends the descendants of the row.
func appendDescendants(out []row, below map[pcommon.SpanID][]row, above row) []row {
	children := below[above.span.SpanID()]
	for i, r := range children {
		r.depth = above.depth + 1
		r.branch, r.next = above.next+"├─ ", above.next+"│  "
		if i == len(children)-1 {
			r.branch, r.next = above.next+"└─ ", above.next+"   "
		}
		out = appendDescendants(append(out, r), below, r)
	}
	return out
}

func unsortedRows(all []ptrace.Traces) (out []row) {
	for _, traces := range all {
		for _, resource := range traces.ResourceSpans().All() {
			source := text(resource.Resource().Attributes(), "service.instance.id")
			for _, scope := range resource.ScopeSpans().All() {
				for _, span := range scope.Spans().All() {
					out = append(out, row{span: span, source: source})
				}
			}
		}
	}
	return out
}

// who returns a name for the subject of the span, unless the span's name contains it
// already.
func (r row) who() string {
	attributes := r.span.Attributes()
	who := cmp.Or(
		text(attributes, "cisco.cms.call_leg.display_name"), text(attributes, "cisco.cms.call_leg.remote_party"), text(attributes, "cisco.cms.call.name"),
	)
	if strings.Contains(r.span.Name(), who) {
		return ""
	}
	return who
}

// label returns the span's name and its subject.
func (r row) label() string { return strings.TrimRight(r.span.Name()+"  "+r.who(), " ") }

func (r row) failed() bool { return r.span.Status().Code() == ptrace.StatusCodeError }

// showTree prints a line for each span: its label, its duration, its story.
func showTree(p *page, all []row) {
	widest := 0
	for _, r := range all {
		widest = max(widest, width(r.branch+r.label()))
	}
	for _, r := range all {
		with := plain
		if r.failed() {
			with = red
		}
		head := padded(r.branch+r.label(), widest) + "  " + padded(formatDuration(spanDuration(r.span)), len("00 min 00 s")) + "  "
		p.folded(with, head, padded(r.next, width(head)), r.story())
	}
}
