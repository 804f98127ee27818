package main

import (
	"cmp"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// row is a span with its position in the tree of its trace.
type row struct {
	span  ptrace.Span
	depth int
	// branch is drawn before the span's name. The further lines of the row, and the branches
	// of its children, begin with next.
	branch, next string
	// source is the service.instance.id of the resource.
	source string
}

// rows returns the spans in tree order: parents first, siblings by start.
func rows(all []ptrace.Traces) []row {
	spans := unsortedRows(all)
	slices.SortStableFunc(spans, func(a, b row) int { return cmp.Compare(a.span.StartTimestamp(), b.span.StartTimestamp()) })
	present, children := map[pcommon.SpanID]bool{}, map[pcommon.SpanID][]row{}
	for _, r := range spans {
		present[r.span.SpanID()] = true
	}
	for _, r := range spans {
		parent := r.span.ParentSpanID()
		if !present[parent] {
			parent = pcommon.SpanID{}
		}
		children[parent] = append(children[parent], r)
	}
	var out []row
	for _, root := range children[pcommon.SpanID{}] {
		out = appendDescendants(append(out, root), children, root)
	}
	return out
}

// appendDescendants appends the descendants of a row, depth first.
func appendDescendants(out []row, children map[pcommon.SpanID][]row, parent row) []row {
	siblings := children[parent.span.SpanID()]
	for i, r := range siblings {
		r.depth = parent.depth + 1
		r.branch, r.next = parent.next+"├─ ", parent.next+"│  "
		if i == len(siblings)-1 {
			r.branch, r.next = parent.next+"└─ ", parent.next+"   "
		}
		out = appendDescendants(append(out, r), children, r)
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

// subject returns what the span is about: the name of the person, else the address of the
// remote party, else the name of the call. It is empty if the span's name contains it.
func (r row) subject() string {
	attributes := r.span.Attributes()
	name := cmp.Or(
		text(attributes, "cisco.cms.call_leg.display_name"), text(attributes, "cisco.cms.call_leg.remote_party"), text(attributes, "cisco.cms.call.name"),
	)
	if strings.Contains(r.span.Name(), name) {
		return ""
	}
	return name
}

// label returns the span's name and its subject.
func (r row) label() string { return strings.TrimRight(r.span.Name()+"  "+r.subject(), " ") }

func (r row) failed() bool { return r.span.Status().Code() == ptrace.StatusCodeError }

// showTree prints each span with its label, duration and description.
func showTree(p *page, all []row) {
	labelWidth := 0
	for _, r := range all {
		labelWidth = max(labelWidth, width(r.branch+r.label()))
	}
	for _, r := range all {
		style := plain
		if r.failed() {
			style = red
		}
		head := padded(r.branch+r.label(), labelWidth) + "  " + padded(formatDuration(spanDuration(r.span)), len("00 min 00 s")) + "  "
		p.wrapped(style, head, padded(r.next, width(head)), r.clauses())
	}
}
