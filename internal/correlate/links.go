package correlate

import (
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Link is to the span of another leg that has to do with this one.
type Link struct {
	Why LinkReason
	// To is that leg's GUID.
	To    string
	Trace pcommon.TraceID
	Span  pcommon.SpanID
}

// LinkReason is why a span links to a leg's.
type LinkReason string

// The reasons, as links tell them.
const (
	// MovedFrom: the participant was moved from that leg, perhaps on another Call
	// Bridge.
	MovedFrom LinkReason = "moved_from"
	// SameGroup: that leg is the first of the same Lync user.
	SameGroup LinkReason = "same_group"
	// Replaces: that leg's SIP dialogue is the one that this one replaces.
	Replaces LinkReason = "replaces"
	// Captures: that leg is the one that records or streams.
	Captures LinkReason = "captures"
)

// link looks for the legs that the leg refers to, until they are found: one may
// be known, or in a call, only after it.
func (t *Transaction) link(of *Leg) {
	if of.MovedCallLeg != "" {
		t.linkTo(of, MovedFrom, of.MovedCallLeg)
	}
	if of.GroupID != "" && isLync(of) {
		t.linkTo(of, SameGroup, t.named(alias{lyncGroup, of.GroupID}))
	}
	if of.ReplacesSIPCallID != "" {
		t.linkTo(of, Replaces, t.named(alias{dialogue, of.ReplacesSIPCallID}))
	}
}

// linkTo never changes the links in place: the session may hold them.
func (t *Transaction) linkTo(of *Leg, why LinkReason, to string) {
	if to == "" || to == of.ID {
		return
	}
	for _, link := range of.Links {
		if link.Why == why {
			return
		}
	}
	if trace := t.legTrace(to); !trace.IsEmpty() {
		of.Links = append(of.Links[:len(of.Links):len(of.Links)], Link{Why: why, To: strings.Clone(to), Trace: trace, Span: SpanID(to)})
	}
}

// linked are the links as they stand at the leg's end: that other leg may have
// followed its call into a meeting's trace.
func (t *Transaction) linked(of *Leg) []Link {
	links := slices.Clone(of.Links)
	for i := range links {
		if trace := t.legTrace(links[i].To); !trace.IsEmpty() {
			links[i].Trace = trace
		}
	}
	return links
}

// capturedBy links to the leg that records or streams.
func (t *Transaction) capturedBy(leg string, trace pcommon.TraceID) []Link {
	if leg == "" {
		return nil
	}
	if known := t.legTrace(leg); !known.IsEmpty() {
		trace = known
	}
	return []Link{{Why: Captures, To: leg, Trace: trace, Span: SpanID(leg)}}
}

// legTrace is the trace that a leg is in, or was when it ended; empty if it was
// in none or is not known.
func (t *Transaction) legTrace(id string) pcommon.TraceID {
	trace, known := t.lastTrace(key{aLeg, id})
	if !known {
		trace, _ = t.base.meetings.TraceOf(id)
	}
	return trace
}
