package correlate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// EndedEntity is an entity that was closed and becomes a span, or a meeting that ended
// with its last call.
type EndedEntity struct {
	Trace  pcommon.TraceID
	Span   pcommon.SpanID
	Parent pcommon.SpanID
	Start  pcommon.Timestamp
	End    pcommon.Timestamp
	// Entity is a *Call, *Leg, *Recording, *Streaming or *Meeting.
	Entity any
	// InCall is the call that a *Leg was in, if the call is open; else nil.
	InCall *Call
	// Links refer to the spans of related legs.
	Links []Link
	// EndRecord is the body of the record that ended the entity; nil if it was closed
	// incomplete, and for a meeting.
	EndRecord cdr.Body
	// Incomplete is the reason for closing the entity without its end record; empty
	// otherwise. That of a meeting is that of its last call.
	Incomplete Reason
	// LastIndex is the index of the latest record about the entity, or about the last call of
	// a meeting.
	LastIndex uint64
}

// Reason is the reason for closing an entity without its end record.
type Reason string

// The reasons, as spans and metrics report them.
const (
	// Restarted: the Call Bridge began a new session.
	Restarted Reason = "call_bridge_restart"
	// Expired: for Limits.Expire, nothing was received of the session, or nothing about
	// the entity while a later record is missing or unreadable. Its end record may be
	// lost.
	Expired Reason = "expired"
	// CallEnded: the entity's call ended, and its own end record did not follow
	// within the grace period.
	CallEnded Reason = "call_ended"
	// Superseded: the coSpace got a new call on the same Call Bridge.
	Superseded Reason = "superseded"
	// Evicted: a limit was reached, or the session was removed after a long silence, and
	// the pipelines had refused the entity's span for now until then.
	Evicted Reason = "evicted"
	// Shutdown: the receiver stopped and has no storage.
	Shutdown Reason = "shutdown"
)

// Reasons lists all reasons.
var Reasons = [...]Reason{Restarted, Expired, CallEnded, Superseded, Evicted, Shutdown}

// isFinal reports whether an entity that was closed for the reason has certainly ended:
// its end record arrived, or the coSpace has a newer call. After any other reason the
// entity may still be open on the Call Bridge.
func isFinal(reason Reason) bool { return reason == "" || reason == Superseded }

// Meeting is a meeting that had several calls at the same time.
type Meeting struct{ Name, Correlator, CoSpace string }

// closeByRecord closes the entity of an end record.
func (t *Transaction) closeByRecord(entity Entity, record *cdr.Record, duration cdr.Optional[int64]) {
	end := timeOf(record)
	t.close(entity, EndedEntity{Start: entity.fields().startTime(end, duration), End: end, EndRecord: record.Body})
}

// closeIncomplete closes an entity without its end record, at the time of the
// session's latest record.
func (t *Transaction) closeIncomplete(entity Entity, reason Reason) {
	start := entity.fields().startTime(t.latestTime, cdr.Optional[int64]{})
	t.close(entity, EndedEntity{Start: start, End: t.latestTime, Incomplete: reason})
}

// startTime returns the start of an entity that ended at end: the earliest time of a
// record about it other than its end record. If no start record arrived, it is the
// earlier of that time and of end minus the duration, which is in seconds.
func (f *EntityFields) startTime(end pcommon.Timestamp, duration cdr.Optional[int64]) pcommon.Timestamp {
	start := f.firstTime()
	if f.Start != 0 {
		return start
	}
	if duration.Present && duration.Value >= 0 && duration.Value < end.AsTime().Unix() { // a start before 1970 is wrong
		end -= pcommon.Timestamp(duration.Value) * pcommon.Timestamp(time.Second)
	}
	return meeting.Earlier(start, end)
}

// close removes an entity from the open ones and appends it to ended, followed by the
// meeting if that ends with the entity.
func (t *Transaction) close(entity Entity, ended EndedEntity) {
	fields, k := entity.fields(), keyOf(entity)
	t.noteLeft(entity)
	t.put(k, nil)
	t.counts[k.kind]--
	ended.Entity, ended.Trace, ended.Span, ended.LastIndex = entity, entity.trace(), SpanID(fields.ID), fields.LastIndex
	closed := closedEntity{key: k, index: fields.LastIndex, callID: entity.callID(), trace: ended.Trace, reason: ended.Incomplete}
	switch {
	case ended.Trace.IsEmpty():
		ended.Trace = TraceID(fields.ID)
	case closed.callID != "":
		ended.Parent = SpanID(closed.callID)
	}
	switch entity := entity.(type) {
	case *Call:
		t.closeCall(entity, &ended)
		closed.parent = ended.Parent
	case *Leg:
		entity.stopStays(ended.End)
		ended.InCall, _ = t.get(key{callKind, closed.callID}).(*Call)
		ended.Links = t.currentLinks(entity)
		t.ended = append(t.ended, ended)
	case capture:
		_, leg := entity.callAndLeg()
		ended.Links = t.captureLinks(leg, ended.Trace)
		t.ended = append(t.ended, ended)
	}
	t.rememberClosed(closed)
}

// closeCall appends the call to ended and takes it out of its meeting. If the call has
// certainly ended, it starts the grace period of the entities in the call.
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
		entity := t.edit(k)
		entity.setTrace(ended.Trace)
		if isFinal(ended.Incomplete) && !inVoiceMenu(entity) {
			t.startGrace(entity)
		}
	}
}

// inVoiceMenu reports whether the entity is a leg that left its call for the voice menu. Such
// a leg can outlast the call, so it has no grace period.
func inVoiceMenu(entity Entity) bool {
	leg, isLeg := entity.(*Leg)
	return isLeg && leg.IVR.Active()
}

// closeMeeting appends the meeting to ended after its last call. The correlator is that
// of the meeting's first call, else that of the last call.
func (t *Transaction) closeMeeting(lastCall *Call, departure meeting.Departure, reason Reason) {
	entity := &Meeting{Name: lastCall.Name, CoSpace: lastCall.CoSpace, Correlator: departure.Key}
	if departure.KeyIsCoSpace {
		entity.Correlator = lastCall.Correlator
	}
	t.ended = append(t.ended, EndedEntity{
		Trace: departure.Trace, Span: meetingSpan(departure.Key, departure.Trace),
		Start: departure.Start, End: departure.End, Incomplete: reason, Entity: entity, LastIndex: lastCall.LastIndex,
	})
}

// startGrace starts the grace period of an entity whose call ended, or of a call whose start
// record arrived after that of a newer call of its coSpace.
func (t *Transaction) startGrace(entity Entity) {
	if fields := entity.fields(); fields.GraceBegan == 0 {
		fields.GraceBegan = t.now
		t.scheduleScan(after(t.now, Grace))
	}
}

// resetGrace is called when an entity enters a call. It ends the grace period that the entity
// has because its previous call ended, and starts one if the call that it enters has certainly
// ended, unless a late record names that call and the entity is in the voice menu since.
func (t *Transaction) resetGrace(entity Entity) {
	entity.fields().GraceBegan = 0
	if call := t.findClosed(key{callKind, entity.callID()}); call != nil && call.isFinal() && !inVoiceMenu(entity) {
		t.startGrace(entity)
	}
}

// scheduleScan moves the next scan to that time, unless the scan is due earlier.
func (t *Transaction) scheduleScan(at pcommon.Timestamp) { t.nextScan = min(t.nextScan, at) }

func after(t pcommon.Timestamp, d time.Duration) pcommon.Timestamp {
	return t + pcommon.Timestamp(d)
}
