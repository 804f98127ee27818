package correlate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Call is an open call, as its records so far tell.
type Call struct {
	cdr.Call
	ID string
	// Start is zero if no callStart came.
	Start time.Time
	Trace pcommon.TraceID
	Extra Extra
}

func newCall(id string) *Call {
	return &Call{ID: id, Trace: TraceID(id)}
}

// merge takes what the record says; what it leaves out stays.
func (c *Call) merge(from *cdr.Call) {
	mergeText(&c.Name, from.Name)
	mergeText(&c.CoSpace, from.CoSpace)
	mergeText(&c.OwnerName, from.OwnerName)
	mergeText(&c.Tenant, from.Tenant)
	mergeText(&c.CDRTag, from.CDRTag)
	mergeText(&c.CallType, from.CallType)
	mergeText(&c.Correlator, from.Correlator)
	mergeOptional(&c.CoSpaceMetaDataConfigured, from.CoSpaceMetaDataConfigured)
}

func (t *Transaction) callStart(record *cdr.Record, body *cdr.CallStart) Effect {
	call := t.editCall(record, &body.Call)
	if call.Start.IsZero() {
		call.Start = record.Time
	}
	return callEffect(call)
}

func (t *Transaction) callEnd(record *cdr.Record, body *cdr.CallEnd) Effect {
	call := t.editCall(record, &body.Call)
	t.calls.remove(record.ID)
	effect := callEffect(call)
	effect.Ended = &Ended{
		Trace: effect.Trace,
		Span:  effect.Span,
		Start: startOf(call.Start, record.Time, body.DurationSeconds),
		End:   record.Time,
		By:    body,
		Call:  call,
	}
	return effect
}

func (t *Transaction) editCall(record *cdr.Record, says *cdr.Call) *Call {
	call := t.calls.edit(record.ID, newCall)
	call.merge(says)
	call.Extra = call.Extra.with(record)
	return call
}

func callEffect(call *Call) Effect {
	return Effect{Trace: call.Trace, Span: SpanID(call.ID), CallName: call.Name, Call: call}
}

// traceOf is the trace of the call, and its name if it is open.
func (t *Transaction) traceOf(callID string) (pcommon.TraceID, string) {
	if call := t.calls.get(callID); call != nil {
		return call.Trace, call.Name
	}
	return TraceID(callID), ""
}
