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
	// Joined: it is in the meeting of its correlator.
	Joined bool
	// Parent is what it was told before it was closed and turned out to go on.
	Parent pcommon.SpanID
}

func newCall(common Common) Thing {
	return &Call{Common: common, Trace: TraceID(common.ID)}
}

func (c *Call) copied() Thing {
	copied := *c
	return &copied
}

func (c *Call) in() string               { return "" }
func (c *Call) trace() pcommon.TraceID   { return c.Trace }
func (c *Call) moveTo(t pcommon.TraceID) { c.Trace = t }

// merge takes what the record says; what it leaves out stays, and what a late
// record says of what is known already too.
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

// callStart opens a call, lets it join its meeting, and closes an older call of
// its coSpace: a coSpace has one call at a time on a Call Bridge.
func (t *Transaction) callStart(record *cdr.Record, body *cdr.CallStart) Effect {
	thing, late := t.about(aCall, record, newCall)
	of := thing.(*Call)
	of.begin(record)
	of.merge(&body.Call, late)
	if t.isOpen(of) {
		if of.CoSpace != "" {
			t.supersede(of, t.known(alias{coSpace, of.CoSpace}))
		}
		if t.isOpen(of) {
			t.name(of)
			t.join(of)
		}
	}
	effect := t.effectOf(of)
	effect.Call, effect.CallName = of, of.Name
	return effect
}

// supersede closes the older of two calls of a coSpace, which a late record can
// tell to be the one that it is about.
func (t *Transaction) supersede(of *Call, other string) {
	known, open := t.get(key{aCall, other}).(*Call)
	switch {
	case !open || known.ID == of.ID:
	case known.Index > of.Index:
		t.orphan(of) // its own end is late too
	default:
		t.release(known, Superseded)
	}
}

// join puts the call into its meeting. What is in the call goes with it.
func (t *Transaction) join(of *Call) {
	if of.Correlator == "" || of.Joined {
		return
	}
	of.Joined = true
	trace := t.base.meetings.Join(meeting.Joining{
		Call: meeting.Call{Session: t.base.id, ID: of.ID}, Source: t.source,
		Correlator: of.Correlator, Trace: of.Trace, Start: of.Start,
	}, t.now)
	if trace == of.Trace {
		return
	}
	of.Trace = trace
	for k := range t.within(of.ID) {
		t.edit(k).moveTo(trace)
	}
}

func (t *Transaction) callEnd(record *cdr.Record, body *cdr.CallEnd) Effect {
	thing, late := t.about(aCall, record, newCall)
	of := thing.(*Call)
	of.merge(&body.Call, late)
	if t.isOpen(of) {
		t.finish(of, record, body.DurationSeconds)
	}
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

// traceOf is the trace of the call, open, over or not known yet.
func (t *Transaction) traceOf(callID string) pcommon.TraceID {
	if trace, known := t.lastTrace(key{aCall, callID}); known {
		return trace
	}
	return TraceID(callID)
}
