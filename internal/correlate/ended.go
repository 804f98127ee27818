package correlate

import (
	"cmp"
	"crypto/sha256"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Ended is something that is over: a span.
type Ended struct {
	Trace  pcommon.TraceID
	Span   pcommon.SpanID
	Parent pcommon.SpanID
	Start  pcommon.Timestamp
	End    pcommon.Timestamp
	// Thing is what ended: a *Call, *Leg, *Recording, *Streaming or *Meeting.
	Thing any
	// Links are to the spans of legs that have to do with it.
	Links []Link
	// By is the body of the record that ended it, nil if none did.
	By cdr.Body
	// Incomplete is why it was closed without its end record, empty if it was not.
	Incomplete Reason
}

// Reason is why something was closed without its end record.
type Reason string

// The reasons, as spans and metrics tell them.
const (
	// Restarted: its Call Bridge began a new session.
	Restarted Reason = "call_bridge_restart"
	// Expired: nothing was heard of it for too long.
	Expired Reason = "expired"
	// CallEnded: its call was over, and its own end did not come in its grace.
	CallEnded Reason = "call_ended"
	// Superseded: its coSpace got a new call on the same Call Bridge.
	Superseded Reason = "superseded"
	// Evicted: too much was open.
	Evicted Reason = "evicted"
	// Shutdown: the receiver stopped, and nothing kept it.
	Shutdown Reason = "shutdown"
)

// isOver reports whether something closed so is known to be over: its end record
// came, or what can only be after its end. All else may go on.
func isOver(why Reason) bool { return why == "" || why == Superseded }

// Meeting is calls of several Call Bridges that were one.
type Meeting struct{ Name, Correlator, CoSpace string }

// finish closes what its end record ended, which is about it.
func (t *Transaction) finish(thing Thing, record *cdr.Record, duration cdr.Optional[int64]) {
	end := timeOf(record)
	t.close(thing, Ended{Start: startOf(thing.common().Start, end, duration), End: end, By: record.Body})
}

// release closes something without its end record, at the time of the latest
// record of its session.
func (t *Transaction) release(thing Thing, why Reason) {
	start := cmp.Or(thing.common().Start, t.latest)
	t.close(thing, Ended{Start: start, End: t.latest, Incomplete: why})
}

// close takes something out of the state and completes its span, and that of
// the meeting that ends with it.
func (t *Transaction) close(thing Thing, as Ended) {
	of, k := thing.common(), keyOf(thing)
	t.put(k, nil)
	t.counts[k.kind]--
	as.Thing, as.Trace, as.Span = thing, thing.trace(), SpanID(of.ID)
	how := departed{key: k, index: of.Index, in: thing.in(), trace: as.Trace, why: as.Incomplete}
	switch {
	case as.Trace.IsEmpty():
		as.Trace = TraceID(of.ID)
	case how.in != "":
		as.Parent = SpanID(how.in)
	}
	switch of := thing.(type) {
	case *Call:
		t.closeCall(of, &as)
		how.parent = as.Parent
	case *Leg:
		of.leaveAll(as.End)
		as.Links = t.linked(of)
		t.ended = append(t.ended, as)
	case *Recording:
		as.Links = t.capturedBy(of.CallLeg, as.Trace)
		t.ended = append(t.ended, as)
	case *Streaming:
		as.Links = t.capturedBy(of.CallLeg, as.Trace)
		t.ended = append(t.ended, as)
	}
	t.leave(how)
}

// closeCall takes the call out of its meeting, and gives what is still in it
// some time for its own end.
func (t *Transaction) closeCall(of *Call, as *Ended) {
	as.Parent = of.Parent
	var left meeting.Departure
	if of.Joined {
		left = t.base.meetings.Leave(meeting.Call{Session: t.base.id, ID: of.ID}, as.End)
	}
	if left.Shared {
		as.Parent = meetingSpan(of.Correlator, of.Trace)
	}
	t.ended = append(t.ended, *as)
	if left.Shared {
		if left.Last {
			t.closeMeeting(left, as.Incomplete, &Meeting{Name: of.Name, CoSpace: of.CoSpace})
		}
		t.left = append(t.left, left)
	}
	for k := range t.within(of.ID) {
		inside := t.edit(k)
		inside.moveTo(as.Trace)
		if isOver(as.Incomplete) {
			t.orphan(inside)
		}
	}
}

// closeMeeting completes the span of the meeting that ended when the last of its
// calls left.
func (t *Transaction) closeMeeting(left meeting.Departure, why Reason, of *Meeting) {
	of.Correlator = left.Correlator
	t.ended = append(t.ended, Ended{
		Trace: left.Trace, Span: meetingSpan(left.Correlator, left.Trace), Start: left.Start, End: left.End,
		Incomplete: why, Thing: of,
	})
}

// orphan starts the grace of something whose call is over.
func (t *Transaction) orphan(thing Thing) {
	if of := thing.common(); of.Orphaned == 0 {
		of.Orphaned = t.now
		t.lookAt(after(t.now, Grace))
	}
}

// lookAt asks to look for what is due then, if not before.
func (t *Transaction) lookAt(then pcommon.Timestamp) { t.check = min(t.check, then) }

func after(t pcommon.Timestamp, d time.Duration) pcommon.Timestamp {
	return t + pcommon.Timestamp(d)
}

// meetingSpan is the span of a meeting.
func meetingSpan(correlator string, trace pcommon.TraceID) pcommon.SpanID {
	sum := sha256.Sum256([]byte("cisco.cms meeting\x00" + correlator + "\x00" + string(trace[:])))
	return pcommon.SpanID(sum[:8])
}

// startOf is the start of something that ended: its start record's time, else
// what its duration in seconds says, else the end itself.
func startOf(start, end pcommon.Timestamp, duration cdr.Optional[int64]) pcommon.Timestamp {
	switch {
	case start != 0:
		return start
	case duration.Present && duration.Value >= 0 && duration.Value < end.AsTime().Unix(): // a start before 1970 is not believed
		return end - pcommon.Timestamp(duration.Value)*pcommon.Timestamp(time.Second)
	default:
		return end
	}
}
