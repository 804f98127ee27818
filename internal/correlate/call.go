package correlate

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Call is an open call, as its records so far tell.
type Call struct {
	Common
	cdr.Call
	// Trace is that of its meeting: its own, or that of the meeting's first call.
	Trace pcommon.TraceID
	// Joined: other calls find its meeting by its correlator and its coSpace.
	Joined bool
	// Meeting is the correlator of the meeting's first call, or its coSpace where
	// it has none.
	Meeting string
	// Parent is the span that it was below when it was closed, before a later
	// record opened it again.
	Parent pcommon.SpanID
}

func newCall(common Common) Entity {
	return &Call{Common: common, Trace: TraceID(common.ID)}
}

func (c *Call) copied() Entity {
	copied := *c
	return &copied
}

func (c *Call) in() string               { return "" }
func (c *Call) trace() pcommon.TraceID   { return c.Trace }
func (c *Call) moveTo(t pcommon.TraceID) { c.Trace = t }

// merge takes what the record says; what it leaves out stays, and so does what a
// late record contradicts.
func (c *Call) merge(from *cdr.Call, late bool) {
	mergeText(&c.Name, from.Name, late)
	mergeText(&c.CoSpace, from.CoSpace, late)
	mergeText(&c.OwnerName, from.OwnerName, late)
	mergeText(&c.Tenant, from.Tenant, late)
	mergeText(&c.CDRTag, from.CDRTag, late)
	mergeText(&c.CallType, from.CallType, late)
	mergeText(&c.Correlator, from.Correlator, late)
	mergeOptional(&c.CoSpaceMetaDataConfigured, from.CoSpaceMetaDataConfigured, late)
}

// callStart opens a call and lets it join its meeting. A coSpace has one call at
// a time on a Call Bridge: the older one is closed. Where this is the older one,
// its record is late and its end is too: it takes neither the coSpace nor the
// meeting from the newer.
func (t *Transaction) callStart(record *cdr.Record, body *cdr.CallStart) Effect {
	entity, late := t.about(aCall, record, newCall)
	of := entity.(*Call)
	of.begin(record)
	of.merge(&body.Call, late)
	if t.isOpen(of) {
		other := t.sameSpace(of)
		if other != nil && other.Index > of.Index {
			t.orphan(of)
			t.join(of, meeting.Joining{})
		} else {
			if other != nil {
				t.release(other, Superseded)
			}
			t.name(of)
			t.join(of, meeting.Joining{Correlator: of.Correlator, CoSpace: of.CoSpace})
		}
	}
	return t.callEffect(of)
}

// sameSpace is another open call of the call's coSpace, or nil.
func (t *Transaction) sameSpace(of *Call) *Call {
	if of.CoSpace == "" {
		return nil
	}
	other, open := t.get(key{aCall, t.named(alias{coSpace, of.CoSpace})}).(*Call)
	if !open || other.ID == of.ID {
		return nil
	}
	return other
}

// join puts the call into the meeting of those names. What is in the call goes
// with it.
func (t *Transaction) join(of *Call, by meeting.Joining) {
	if of.Joined {
		return
	}
	of.Joined = by.Correlator != "" || by.CoSpace != ""
	by.ID, by.Trace, by.Start = of.ID, of.Trace, of.Start
	place := t.meetings.Join(by)
	of.Meeting = place.Key
	if place.Trace == of.Trace {
		return
	}
	of.Trace = place.Trace
	for k := range t.within(of.ID) {
		t.edit(k).moveTo(of.Trace)
	}
}

func (t *Transaction) callEnd(record *cdr.Record, body *cdr.CallEnd) Effect {
	entity, late := t.about(aCall, record, newCall)
	of := entity.(*Call)
	of.merge(&body.Call, late)
	if t.isOpen(of) {
		t.finish(of, record, body.DurationSeconds)
	}
	return t.callEffect(of)
}

func (t *Transaction) callEffect(of *Call) Effect {
	effect := t.effectOf(of)
	effect.Call, effect.CallName = of, of.Name
	return effect
}

// kept is the call's GUID to be kept: the one that the call has, if it is open.
func (t *Transaction) kept(callID string) string {
	if open := t.get(key{aCall, callID}); open != nil {
		return open.common().ID
	}
	return strings.Clone(bounded(callID))
}

// traceOf is the trace of the call, open, ended or not known yet.
func (t *Transaction) traceOf(callID string) pcommon.TraceID {
	if trace, known := t.lastTrace(key{aCall, callID}); known {
		return trace
	}
	return TraceID(callID)
}
