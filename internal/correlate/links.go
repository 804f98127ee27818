package correlate

import (
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Link is to the span of another leg that has to do with this one.
type Link struct {
	Reason LinkReason
	// To is that leg's GUID.
	LegID string
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
func (t *Transaction) linkReferences(leg *Leg) {
	if leg.MovedCallLeg != "" {
		t.addLink(leg, MovedFrom, leg.MovedCallLeg)
	}
	if leg.GroupID != "" && isLync(leg) {
		t.addLink(leg, SameGroup, t.lookupAlias(alias{lyncGroupAlias, leg.GroupID}))
	}
	if leg.ReplacesSIPCallID != "" {
		t.addLink(leg, Replaces, t.lookupAlias(alias{sipDialogAlias, leg.ReplacesSIPCallID}))
	}
}

// linkTo never changes the links in place: the session may hold them.
func (t *Transaction) addLink(leg *Leg, reason LinkReason, legID string) {
	if legID == "" || legID == leg.ID {
		return
	}
	for _, link := range leg.Links {
		if link.Reason == reason {
			return
		}
	}
	if trace := t.legTrace(legID); !trace.IsEmpty() {
		leg.Links = append(leg.Links[:len(leg.Links):len(leg.Links)], Link{Reason: reason, LegID: strings.Clone(legID), Trace: trace, Span: SpanID(legID)})
	}
}

// linked are the links as they stand at the leg's end: that other leg may have
// followed its call into a meeting's trace.
func (t *Transaction) currentLinks(leg *Leg) []Link {
	links := slices.Clone(leg.Links)
	for i := range links {
		if trace := t.legTrace(links[i].LegID); !trace.IsEmpty() {
			links[i].Trace = trace
		}
	}
	return links
}

// capturedBy links to the leg that records or streams.
func (t *Transaction) captureLinks(leg string, trace pcommon.TraceID) []Link {
	if leg == "" {
		return nil
	}
	if known := t.legTrace(leg); !known.IsEmpty() {
		trace = known
	}
	return []Link{{Reason: Captures, LegID: leg, Trace: trace, Span: SpanID(leg)}}
}

// legTrace is the trace that a leg is in, or was when it ended; empty if it was
// in none or is not known.
func (t *Transaction) legTrace(id string) pcommon.TraceID {
	trace, known := t.lastTrace(key{legKind, id})
	if !known {
		trace, _ = t.base.meetings.LegTrace(id)
	}
	return trace
}
