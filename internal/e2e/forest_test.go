package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// forest holds the spans of many traces.
type forest map[pcommon.TraceID][]ptrace.Span

func newForest(traces ptrace.Traces) forest {
	f := forest{}
	for _, resource := range traces.ResourceSpans().All() {
		for _, scope := range resource.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				f[span.TraceID()] = append(f[span.TraceID()], span)
			}
		}
	}
	return f
}

// find returns the span with that id, and whether it exists.
func (f forest) find(trace pcommon.TraceID, id pcommon.SpanID) (found ptrace.Span, ok bool) {
	for _, span := range f[trace] {
		if span.SpanID() == id {
			return span, true
		}
	}
	return found, false
}

// parent returns the parent of a span, which must exist.
func (f forest) parent(child ptrace.Span) ptrace.Span {
	span, _ := f.find(child.TraceID(), child.ParentSpanID())
	return span
}

// by returns the spans of one kind, each under the value of its attribute key.
func (f forest) by(key, kind string) map[string]ptrace.Span {
	all := map[string]ptrace.Span{}
	for _, spans := range f {
		for _, span := range spans {
			if kindOf(span) == kind {
				all[text(span, key)] = span
			}
		}
	}
	return all
}

// kindOf returns what a span describes: a meeting or a kind of entity.
func kindOf(span ptrace.Span) string { return printed.Kind(span.Name()) }

// text returns an attribute of a span or a link as text, or an empty string.
func text(item interface{ Attributes() pcommon.Map }, key string) string {
	if value, ok := item.Attributes().Get(key); ok {
		return value.AsString()
	}
	return ""
}

// checkNumbers checks, for each kind of entity, that there are as many complete spans as
// ended entities, and as many incomplete ones as entities that a restart of their Call
// Bridge interrupted.
func (f forest) checkNumbers(t *testing.T, want expect.Counts) {
	t.Helper()
	complete, incomplete := map[string]int{}, map[string]int{}
	for _, spans := range f {
		for _, span := range spans {
			switch reason := text(span, "cisco.cms.incomplete.reason"); {
			case kindOf(span) == "meeting":
			case reason == "":
				complete[kindOf(span)]++
			default:
				require.Equal(t, "call_bridge_restart", reason)
				incomplete[kindOf(span)]++
			}
		}
	}
	require.Equal(t, total(want.Calls.Ended), complete["call"])
	require.Equal(t, total(want.CallLegs.Ended), complete["call_leg"])
	require.Equal(t, want.Recordings.Ended, complete["recording"])
	require.Equal(t, want.Streamings.Ended, complete["streaming"])
	require.Equal(t, total(want.Interrupted.Calls), incomplete["call"])
	require.Equal(t, total(want.Interrupted.CallLegs), incomplete["call_leg"])
	require.Equal(t, want.Interrupted.Recordings, incomplete["recording"])
	require.Equal(t, want.Interrupted.Streamings, incomplete["streaming"])
}

// checkTrees checks that each trace has one root, and that every parent exists and is
// of the right kind.
func (f forest) checkTrees(t *testing.T) {
	t.Helper()
	pairs := map[string]int{} // kinds of spans and of their parents
	for id, spans := range f {
		roots, ids := 0, map[pcommon.SpanID]bool{}
		for _, span := range spans {
			require.False(t, ids[span.SpanID()], "two spans have the id %s in trace %s", span.SpanID(), id)
			ids[span.SpanID()] = true
			if span.ParentSpanID().IsEmpty() {
				roots++
				pairs[kindOf(span)+" without parent"]++
				continue
			}
			parent, found := f.find(id, span.ParentSpanID())
			require.True(t, found, "the parent of %s %s is missing in trace %s", span.Name(), span.SpanID(), id)
			pairs[kindOf(span)+" below "+kindOf(parent)]++
		}
		require.Equal(t, 1, roots, "roots of trace %s", id)
	}
	for _, pair := range []string{
		"meeting without parent", "call below meeting", "call without parent", "call_leg below call",
		"call_leg without parent", "recording below call", "streaming below call",
	} {
		require.Positive(t, pairs[pair], "%s; there are %v", pair, pairs)
	}
	require.Len(t, pairs, 7, "%v", pairs)
}

// checkLegs checks that the span of a leg has the kind Server if the leg is incoming and Client
// if it is outgoing, that a complete span is as long as its record says, and that the span of
// a leg that failed, or that a restart of its Call Bridge interrupted, has the status Error and
// the reason as error.type.
func (f forest) checkLegs(t *testing.T) {
	t.Helper()
	kinds := map[string]ptrace.SpanKind{"incoming": ptrace.SpanKindServer, "outgoing": ptrace.SpanKindClient}
	failed, events := 0, map[string]int{}
	for _, spans := range f {
		for _, span := range spans {
			if kindOf(span) != "call_leg" {
				require.Equal(t, ptrace.SpanKindInternal, span.Kind(), span.Name())
				continue
			}
			require.Equal(t, kinds[text(span, "cisco.cms.call_leg.direction")], span.Kind())
			require.NotEmpty(t, text(span, "cisco.cms.call_leg.role"))
			for _, event := range span.Events().All() {
				events[event.Name()]++
			}
			fault := text(span, "cisco.cms.incomplete.reason")
			if fault == "" {
				// Jaeger extends a span of 0 s to a nanosecond.
				duration := span.EndTimestamp().AsTime().Sub(span.StartTimestamp().AsTime()).Truncate(time.Second)
				require.Equal(t, text(span, "cisco.cms.call_leg.duration"), fmt.Sprint(duration.Seconds()), "the duration of the span is that of the record")
			}
			if text(span, "cisco.cms.call_leg.outcome") == "failed" {
				failed++
				fault = text(span, "cisco.cms.call_leg.reason")
			}
			require.Equal(t, fault, text(span, "error.type"))
			require.Equal(t, fault != "", span.Status().Code() == ptrace.StatusCodeError)
		}
	}
	require.Positive(t, failed)
	for _, name := range []string{"connected", "ivr", "joined", "lobby", "activated"} {
		require.Positive(t, events["cisco.cms.call_leg."+name], "%s; there are %v", name, events)
	}
}

// checkLinks checks that the target of each link is a leg, and that it is the right one for
// the reasons captures and moved_from.
func (f forest) checkLinks(t *testing.T) {
	t.Helper()
	links := map[string]int{}
	for _, spans := range f {
		for _, span := range spans {
			for _, link := range span.Links().All() {
				reason := text(link, "cisco.cms.link.reason")
				links[reason]++
				target, found := f.find(link.TraceID(), link.SpanID())
				require.True(t, found, "the target of link %s of span %s does not exist", reason, span.SpanID())
				require.Equal(t, "call_leg", kindOf(target))
				switch reason {
				case "captures":
					require.Equal(t, text(span, "cisco.cms.call_leg.id"), text(target, "cisco.cms.call_leg.id"))
				case "moved_from":
					require.Equal(t, text(span, "cisco.cms.call_leg.moved_from.id"), text(target, "cisco.cms.call_leg.id"))
					require.Equal(t, "callMoved", text(target, "cisco.cms.call_leg.reason"))
				}
			}
		}
	}
	for _, reason := range []string{"captures", "moved_from", "replaces", "same_group"} {
		require.Positive(t, links[reason], "%s; there are %v", reason, links)
	}
}
