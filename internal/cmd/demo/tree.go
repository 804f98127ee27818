package main

import (
	"cmp"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// row is a span in its place in the tree of its trace.
type row struct {
	span  ptrace.Span
	depth int
	// branch is drawn before the span's name, next before what goes on below it.
	branch, next string
	// source is the service.instance.id of the resource.
	source string
}

// rows are the spans in the order of a tree: parents first, siblings by their
// start.
func rows(all []ptrace.Traces) []row {
	spans := flat(all)
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
		out = grow(append(out, root), below, root)
	}
	return out
}

// grow appends what is below the row.
func grow(out []row, below map[pcommon.SpanID][]row, above row) []row {
	children := below[above.span.SpanID()]
	for i, r := range children {
		r.depth = above.depth + 1
		r.branch, r.next = above.next+"├─ ", above.next+"│  "
		if i == len(children)-1 {
			r.branch, r.next = above.next+"└─ ", above.next+"   "
		}
		out = grow(append(out, r), below, r)
	}
	return out
}

func flat(all []ptrace.Traces) (out []row) {
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

// who is whom or what the span is about, unless its name says so already, as where
// a processor renamed it.
func (r row) who() string {
	of := r.span.Attributes()
	who := cmp.Or(
		text(of, "cisco.cms.call_leg.display_name"), text(of, "cisco.cms.call_leg.remote_party"), text(of, "cisco.cms.call.name"),
	)
	if strings.Contains(r.span.Name(), who) {
		return ""
	}
	return who
}

// label is the span's name, and who.
func (r row) label() string { return strings.TrimRight(r.span.Name()+"  "+r.who(), " ") }

func (r row) failed() bool { return r.span.Status().Code() == ptrace.StatusCodeError }

// showTree prints a line for each span: its label, how long it took, its story.
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
		head := padded(r.branch+r.label(), widest) + "  " + padded(length(lasted(r.span)), len("00 min 00 s")) + "  "
		p.folded(with, head, padded(r.next, width(head)), r.story())
	}
}
