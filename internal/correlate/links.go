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

// LinkReason is the reason for a link to the span of a leg.
type LinkReason string

// The reasons, as links report them.
const (
	// MovedFrom: the participant was moved from the linked leg, possibly on another Call
	// Bridge.
	MovedFrom LinkReason = "moved_from"
	// SameGroup: the linked leg is the first one of the same Lync user, or a later one if
	// the first one ended before the link was added.
	SameGroup LinkReason = "same_group"
	// Replaces: the leg replaces the SIP dialog of the linked leg.
	Replaces LinkReason = "replaces"
	// Captures: the linked leg is the one that records or streams.
	Captures LinkReason = "captures"
)

// linkReferences links the leg to the legs that it refers to. It is called for every
// record of the open leg, because a leg that it refers to may become known, or join a
// call, later.
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

// addLink adds a link unless there is one for the reason, or the linked leg was in no
// call or is not remembered. It ignores an empty id and the leg's own. It copies the
// slice, because the session may hold the same one.
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

// currentLinks returns the links at the leg's end. A linked leg may have moved to another
// trace since the link was added: with its call to that of a meeting, or to another call.
func (t *Transaction) currentLinks(leg *Leg) []Link {
	links := slices.Clone(leg.Links)
	for i := range links {
		if trace := t.legTrace(links[i].LegID); !trace.IsEmpty() {
			links[i].Trace = trace
		}
	}
	return links
}

// captureLinks returns the link to the leg that records or streams, if there is one. If
// the trace of the leg is not known, trace is used.
func (t *Transaction) captureLinks(legID string, trace pcommon.TraceID) []Link {
	if legID == "" {
		return nil
	}
	if legTrace := t.legTrace(legID); !legTrace.IsEmpty() {
		trace = legTrace
	}
	return []Link{{Reason: Captures, LegID: legID, Trace: trace, Span: SpanID(legID)}}
}

// legTrace returns the trace of the call that a leg is in, or was in when it ended;
// empty if it was in no call or is not remembered.
func (t *Transaction) legTrace(id string) pcommon.TraceID {
	trace, found := t.lastTrace(key{legKind, id})
	if !found {
		trace, _ = t.base.meetings.LegTrace(id)
	}
	return trace
}
