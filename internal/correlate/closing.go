package correlate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Ended is an entity that ended: a span.
type EndedEntity struct {
	Trace  pcommon.TraceID
	Span   pcommon.SpanID
	Parent pcommon.SpanID
	Start  pcommon.Timestamp
	End    pcommon.Timestamp
	// Entity is what ended: a *Call, *Leg, *Recording, *Streaming or *Meeting.
	Entity any
	// In is the call that a *Leg was in; nil if it was in none, or in one that
	// ended before.
	InCall *Call
	// Links are to the spans of legs that have to do with it.
	Links []Link
	// By is the body of the record that ended it, nil if none did.
	EndRecord cdr.Body
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
func isFinal(reason Reason) bool { return reason == "" || reason == Superseded }

// Meeting is calls of several Call Bridges that were one.
type Meeting struct{ Name, Correlator, CoSpace string }

// finish closes the entity that the end record is about.
func (t *Transaction) closeByRecord(entity Entity, record *cdr.Record, duration cdr.Optional[int64]) {
	end := timeOf(record)
	t.close(entity, EndedEntity{Start: entity.fields().startTime(end, duration), End: end, EndRecord: record.Body})
}

// release closes an entity without its end record, at the time of the latest
// record of its session.
func (t *Transaction) closeIncomplete(entity Entity, reason Reason) {
	start := entity.fields().startTime(t.latestTime, cdr.Optional[int64]{})
	t.close(entity, EndedEntity{Start: start, End: t.latestTime, Incomplete: reason})
}

// startedBy is the start of an entity that ended then: no later than the earliest
// record about it. Without a start record its duration in seconds may tell of an
// earlier one.
func (c *EntityFields) startTime(end pcommon.Timestamp, duration cdr.Optional[int64]) pcommon.Timestamp {
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
func (t *Transaction) close(entity Entity, ended EndedEntity) {
	of, k := entity.fields(), keyOf(entity)
	t.put(k, nil)
	t.counts[k.kind]--
	ended.Entity, ended.Trace, ended.Span = entity, entity.trace(), SpanID(of.ID)
	end := closedEntity{key: k, index: of.LastIndex, callID: entity.callID(), trace: ended.Trace, reason: ended.Incomplete}
	switch {
	case ended.Trace.IsEmpty():
		ended.Trace = TraceID(of.ID)
	case end.callID != "":
		ended.Parent = SpanID(end.callID)
	}
	switch of := entity.(type) {
	case *Call:
		t.closeCall(of, &ended)
		end.parent = ended.Parent
	case *Leg:
		of.stopStays(ended.End)
		ended.InCall, _ = t.get(key{callKind, end.callID}).(*Call)
		ended.Links = t.currentLinks(of)
		t.ended = append(t.ended, ended)
	case capture:
		_, leg := of.target()
		ended.Links = t.captureLinks(leg, ended.Trace)
		t.ended = append(t.ended, ended)
	}
	t.rememberClosed(end)
}

// closeCall takes the call out of its meeting, and gives what is still in it
// some time for its own end.
func (t *Transaction) closeCall(call *Call, ended *EndedEntity) {
	ended.Parent = call.PreviousParent
	departure := t.meetings.Leave(call.ID, ended.End)
	if departure.Shared {
		ended.Parent = meetingSpan(departure.Key, departure.Trace)
	}
	t.ended = append(t.ended, *ended)
	if departure.EndsMeeting {
		t.closeMeeting(call, departure, ended.Incomplete)
	}
	if departure.Shared {
		t.departures = append(t.departures, departure)
	}
	for k := range t.entitiesIn(call.ID) {
		inside := t.edit(k)
		inside.setTrace(ended.Trace)
		if isFinal(ended.Incomplete) {
			t.startGrace(inside)
		}
	}
}

// closeMeeting completes the span of the meeting that the call was the last one
// in. Its correlator is that of the first call, if it had one.
func (t *Transaction) closeMeeting(last *Call, departure meeting.Departure, why Reason) {
	ended := &Meeting{Name: last.Name, CoSpace: last.CoSpace, Correlator: departure.Key}
	if departure.Key == last.CoSpace {
		ended.Correlator = last.Correlator
	}
	t.ended = append(t.ended, EndedEntity{
		Trace: departure.Trace, Span: meetingSpan(departure.Key, departure.Trace),
		Start: departure.Start, End: departure.End, Incomplete: why, Entity: ended,
	})
}

// orphan starts the grace of an entity whose call ended.
func (t *Transaction) startGrace(entity Entity) {
	if fields := entity.fields(); fields.OrphanedAt == 0 {
		fields.OrphanedAt = t.now
		t.scheduleScan(after(t.now, Grace))
	}
}

// lookAt asks to look for what is due then, if not before.
func (t *Transaction) scheduleScan(then pcommon.Timestamp) { t.nextScan = min(t.nextScan, then) }

func after(t pcommon.Timestamp, d time.Duration) pcommon.Timestamp {
	return t + pcommon.Timestamp(d)
}
