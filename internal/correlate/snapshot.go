package correlate

import (
	"cmp"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Snapshot is an open call at one moment, with the legs in it. Committed entities are
// never changed in place, so a snapshot can be read at any time by any goroutine.
type Snapshot struct {
	Call *Call
	// Span is the call's span in the trace Call.Trace.
	Span pcommon.SpanID
	Legs []*Leg
	// Duration of the call so far, by the Call Bridge's clock.
	Duration time.Duration
}

// Snapshots returns the calls that are open at now, by the receiver's clock. It
// leaves out a call that has certainly ended and waits for its end record.
func (s *Session) Snapshots(now time.Time) []Snapshot {
	all := make([]Snapshot, 0, s.counts[callKind])
	callBridgeNow := s.callBridgeTime(now)
	for k, entity := range s.open {
		call, isCall := entity.(*Call)
		if !isCall || call.OrphanedAt != 0 {
			continue
		}
		snapshot := Snapshot{Call: call, Span: SpanID(k.id)}
		if began := meeting.Earlier(call.Start, call.Earliest); began != 0 {
			snapshot.Duration = time.Duration(max(callBridgeNow, began) - began)
		}
		for in := range s.byCall[k.id] {
			if leg, isLeg := s.open[in].(*Leg); isLeg {
				snapshot.Legs = append(snapshot.Legs, leg)
			}
		}
		all = append(all, snapshot)
	}
	return all
}

// callBridgeTime estimates the Call Bridge's clock at now: the time of its latest
// record, and the time since that was received.
func (s *Session) callBridgeTime(now time.Time) pcommon.Timestamp {
	if s.latestReceived == 0 {
		return s.latestTime
	}
	at := pcommon.NewTimestampFromTime(now)
	return s.latestTime + max(at, s.latestReceived) - s.latestReceived
}

// Delay returns how old the latest record was when it was received. It is high for a
// session that sends a backlog, and not for a quiet one.
func (s *Session) Delay() time.Duration {
	if s.latestReceived < s.latestTime {
		return 0
	}
	return time.Duration(s.latestReceived - s.latestTime)
}

// SortLegs sorts the legs by their start.
func SortLegs(legs []*Leg) {
	slices.SortFunc(legs, func(a, b *Leg) int {
		return cmp.Or(cmp.Compare(meeting.Earlier(a.Start, a.Earliest), meeting.Earlier(b.Start, b.Earliest)), cmp.Compare(a.ID, b.ID))
	})
}

// LegState is the state of a leg in its call.
type LegState string

// The states of a leg in a call. A leg that is not connected yet, such as a ringing
// one, has none.
const (
	// StateConnected: the leg is connected, and the invited participant must press a
	// key to join.
	StateConnected LegState = "connected"
	// StateIVR: the leg is in the voice menu.
	StateIVR LegState = "ivr"
	// StateLobby: the leg waits for an activator.
	StateLobby LegState = "lobby"
	// StateJoined: the leg takes part in the call.
	StateJoined LegState = "joined"
)

// State returns the leg's state, and since when it has it.
func (l *Leg) State() (state LegState, since pcommon.Timestamp) {
	activated := l.Deactivated.Present && !l.Deactivated.Value
	switch {
	case l.IVR.Active():
		return StateIVR, l.IVR.Since
	case l.Lobby.Active():
		return StateLobby, l.Lobby.Since
	case l.ConnectedAt == 0 && !activated:
		return "", meeting.Earlier(l.Start, l.Earliest)
	case l.ConfirmationStatus == confirmationRequired:
		return StateConnected, l.ConnectedAt
	}
	since = l.ConnectedAt
	for i := range l.Events {
		if l.Events[i].isJoining() {
			since = max(since, l.Events[i].Time)
		}
	}
	return StateJoined, since
}

// confirmationRequired is the status of an invited participant who must press a key
// to join.
const confirmationRequired = "required"

// isJoining reports whether the leg may take part since the event.
func (e *Event) isJoining() bool {
	confirms := func(c Change) bool { return c.Attribute == "cisco.cms.call_leg.confirmation_status" }
	return e.Kind == EventJoined || e.Kind == EventActivated || e.Kind == EventUpdated && slices.ContainsFunc(e.Changes, confirms)
}
