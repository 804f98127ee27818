package correlate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Ended is an entity that ended: a span.
type Ended struct {
	Trace  pcommon.TraceID
	Span   pcommon.SpanID
	Parent pcommon.SpanID
	Start  pcommon.Timestamp
	End    pcommon.Timestamp
	// Entity is what ended: a *Call, *Leg, *Recording, *Streaming or *Meeting.
	Entity any
	// In is the call that a *Leg was in; nil if it was in none, or in one that
	// ended before.
	In *Call
	// Links are to the spans of legs that have to do with it.
	Links []Link
	// By is the body of the record that ended it, nil if none did.
	By cdr.Body
	// Incomplete is why it was closed without its end record, empty if it was not.
	Incomplete Reason
}

// Reason is why an entity was closed without its end record.
type Reason string

// The reasons, as spans and metrics tell them.
const (
	// Restarted: its Call Bridge began a new session.
	Restarted Reason = "call_bridge_restart"
	// Expired: nothing was heard of it for too long.
	Expired Reason = "expired"
	// CallEnded: its call ended, and its own end did not come in its grace.
	CallEnded Reason = "call_ended"
	// Superseded: its coSpace got a new call on the same Call Bridge.
	Superseded Reason = "superseded"
	// Evicted: too much was open.
	Evicted Reason = "evicted"
	// Shutdown: the receiver stopped, and nothing kept it.
	Shutdown Reason = "shutdown"
)

// Reasons are all of them.
var Reasons = [...]Reason{Restarted, Expired, CallEnded, Superseded, Evicted, Shutdown}

// isFinal reports whether an entity closed so is known to have ended: its end
// record came, or one that can only come after it. All others may go on.
func isFinal(why Reason) bool { return why == "" || why == Superseded }

// Meeting is calls of several Call Bridges that were one.
type Meeting struct{ Name, Correlator, CoSpace string }

// finish closes the entity that the end record is about.
func (t *Transaction) finish(entity Entity, record *cdr.Record, duration cdr.Optional[int64]) {
	end := timeOf(record)
	t.close(entity, Ended{Start: entity.common().startedBy(end, duration), End: end, By: record.Body})
}

// release closes an entity without its end record, at the time of the latest
// record of its session.
func (t *Transaction) release(entity Entity, why Reason) {
	start := entity.common().startedBy(t.latest, cdr.Optional[int64]{})
	t.close(entity, Ended{Start: start, End: t.latest, Incomplete: why})
}

// startedBy is the start of an entity that ended then: no later than the earliest
// record about it. Without a start record its duration in seconds may tell of an
// earlier one.
func (c *Common) startedBy(end pcommon.Timestamp, duration cdr.Optional[int64]) pcommon.Timestamp {
	start := earlier(c.Start, c.Earliest)
	if c.Start != 0 {
		return start
	}
	if duration.Present && duration.Value >= 0 && duration.Value < end.AsTime().Unix() { // a start before 1970 is not believed
		end -= pcommon.Timestamp(duration.Value) * pcommon.Timestamp(time.Second)
	}
	return earlier(start, end)
}

// close takes an entity out of the state and completes its span, and that of the
// meeting that ends with it.
func (t *Transaction) close(entity Entity, as Ended) {
	of, k := entity.common(), keyOf(entity)
	t.put(k, nil)
	t.counts[k.kind]--
	as.Entity, as.Trace, as.Span = entity, entity.trace(), SpanID(of.ID)
	end := closed{key: k, index: of.Index, in: entity.in(), trace: as.Trace, why: as.Incomplete}
	switch {
	case as.Trace.IsEmpty():
		as.Trace = TraceID(of.ID)
	case end.in != "":
		as.Parent = SpanID(end.in)
	}
	switch of := entity.(type) {
	case *Call:
		t.closeCall(of, &as)
		end.parent = as.Parent
	case *Leg:
		of.leaveAll(as.End)
		as.In, _ = t.get(key{aCall, end.in}).(*Call)
		as.Links = t.linked(of)
		t.ended = append(t.ended, as)
	case capture:
		_, leg := of.belongs()
		as.Links = t.capturedBy(leg, as.Trace)
		t.ended = append(t.ended, as)
	}
	t.remember(end)
}

// closeCall takes the call out of its meeting, and gives what is still in it
// some time for its own end.
func (t *Transaction) closeCall(of *Call, as *Ended) {
	as.Parent = of.Parent
	departure := t.meetings.Leave(of.ID, as.End)
	if departure.Shared {
		as.Parent = meetingSpan(departure.Key, departure.Trace)
	}
	t.ended = append(t.ended, *as)
	if departure.Last {
		t.closeMeeting(of, departure, as.Incomplete)
	}
	if departure.Shared {
		t.departures = append(t.departures, departure)
	}
	for k := range t.within(of.ID) {
		inside := t.edit(k)
		inside.moveTo(as.Trace)
		if isFinal(as.Incomplete) {
			t.orphan(inside)
		}
	}
}

// closeMeeting completes the span of the meeting that the call was the last one
// in. Its correlator is that of the first call, if it had one.
func (t *Transaction) closeMeeting(last *Call, departure meeting.Departure, why Reason) {
	of := &Meeting{Name: last.Name, CoSpace: last.CoSpace, Correlator: departure.Key}
	if departure.Key == last.CoSpace {
		of.Correlator = last.Correlator
	}
	t.ended = append(t.ended, Ended{
		Trace: departure.Trace, Span: meetingSpan(departure.Key, departure.Trace),
		Start: departure.Start, End: departure.End, Incomplete: why, Entity: of,
	})
}

// orphan starts the grace of an entity whose call ended.
func (t *Transaction) orphan(entity Entity) {
	if of := entity.common(); of.Orphaned == 0 {
		of.Orphaned = t.now
		t.lookAt(after(t.now, Grace))
	}
}

// lookAt asks to look for what is due then, if not before.
func (t *Transaction) lookAt(then pcommon.Timestamp) { t.due = min(t.due, then) }

func after(t pcommon.Timestamp, d time.Duration) pcommon.Timestamp {
	return t + pcommon.Timestamp(d)
}
