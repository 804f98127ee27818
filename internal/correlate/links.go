package correlate

import (
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Link refers to the span of a related leg.
type Link struct {
	Reason LinkReason
	// LegID is the GUID of that leg.
	LegID string
	Trace pcommon.TraceID
	Span  pcommon.SpanID
}

// LinkReason is why a span links to that of a leg.
type LinkReason string

// The reasons, as links report them.
const (
	// MovedFrom: the participant was moved from that leg, possibly on another Call
	// Bridge.
	MovedFrom LinkReason = "moved_from"
	// SameGroup: that leg is the first one of the same Lync user.
	SameGroup LinkReason = "same_group"
	// Replaces: this leg replaces the SIP dialog of that leg.
	Replaces LinkReason = "replaces"
	// Captures: that leg records or streams.
	Captures LinkReason = "captures"
)

// linkReferences links the leg to the legs that it refers to. It is called for every
// record, because a leg may become known, or join a call, after the leg that refers
// to it.
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

// addLink adds a link unless there is one for the reason. It copies the links,
// because the session may hold the same slice.
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

// currentLinks returns the links at the leg's end. A linked leg may have moved to a
// meeting's trace since the link was added.
func (t *Transaction) currentLinks(leg *Leg) []Link {
	links := slices.Clone(leg.Links)
	for i := range links {
		if trace := t.legTrace(links[i].LegID); !trace.IsEmpty() {
			links[i].Trace = trace
		}
	}
	return links
}

// captureLinks returns the link to the leg that records or streams.
func (t *Transaction) captureLinks(leg string, trace pcommon.TraceID) []Link {
	if leg == "" {
		return nil
	}
	if current := t.legTrace(leg); !current.IsEmpty() {
		trace = current
	}
	return []Link{{Reason: Captures, LegID: leg, Trace: trace, Span: SpanID(leg)}}
}

// legTrace returns the trace that a leg is in, or was in when it ended; empty if it
// was in none or is not known.
func (t *Transaction) legTrace(id string) pcommon.TraceID {
	trace, known := t.lastTrace(key{legKind, id})
	if !known {
		trace, _ = t.base.meetings.LegTrace(id)
	}
	return trace
}
