package correlate

import (
	"cmp"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Snapshot is an open call at one moment, with the legs that are in it. Committed
// entities are never changed in place, so it can be read at any time, by anyone.
type Snapshot struct {
	Call *Call
	// Span is the call's span in the trace Call.Trace.
	Span pcommon.SpanID
	Legs []*Leg
	// Duration is how long the call has lasted by the Call Bridge's clock.
	Duration time.Duration
}

// Snapshots are the calls that are open now, by the receiver's clock. A call that is
// known to have ended and waits for its end record is none of them.
func (s *Session) Snapshots(now time.Time) []Snapshot {
	all := make([]Snapshot, 0, s.counts[callKind])
	callBridgeNow := s.callBridgeTime(now)
	for k, entity := range s.open {
		call, isCall := entity.(*Call)
		if !isCall || call.OrphanedAt != 0 {
			continue
		}
		snapshot := Snapshot{Call: call, Span: SpanID(k.id)}
		if began := earlier(call.Start, call.Earliest); began != 0 {
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

// clock is what the Call Bridge's clock shows now: the time of its latest record, and
// what has passed since that was received.
func (s *Session) callBridgeTime(now time.Time) pcommon.Timestamp {
	if s.latestReceived == 0 {
		return s.latestTime
	}
	at := pcommon.NewTimestampFromTime(now)
	return s.latestTime + max(at, s.latestReceived) - s.latestReceived
}

// Behind is how old the latest record was when it was received. A session that
// reports a backlog is behind by all of it; a quiet one is not.
func (s *Session) Delay() time.Duration {
	if s.latestReceived < s.latestTime {
		return 0
	}
	return time.Duration(s.latestReceived - s.latestTime)
}

// SortLegs puts the legs in the order in which they came.
func SortLegs(legs []*Leg) {
	slices.SortFunc(legs, func(a, b *Leg) int {
		return cmp.Or(cmp.Compare(earlier(a.Start, a.Earliest), earlier(b.Start, b.Earliest)), cmp.Compare(a.ID, b.ID))
	})
}

// LegState is where a leg is in its call.
type LegState string

// The states of a leg in a call. It has none while its connection does not stand, as
// while it rings.
const (
	// StateConnected: the connection stands, and the invited must press a key to join.
	StateConnected LegState = "connected"
	// StateIVR: it is in the voice menu.
	StateIVR LegState = "ivr"
	// StateLobby: it waits for an activator.
	StateLobby LegState = "lobby"
	// StateJoined: it takes part.
	StateJoined LegState = "joined"
)

// State is where the leg is, and since when.
func (l *Leg) State() (state LegState, since pcommon.Timestamp) {
	activated := l.Deactivated.Present && !l.Deactivated.Value
	switch {
	case l.IVR.Active():
		return StateIVR, l.IVR.Since
	case l.Lobby.Active():
		return StateLobby, l.Lobby.Since
	case l.ConnectedAt == 0 && !activated:
		return "", earlier(l.Start, l.Earliest)
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

// confirmationRequired: the invited was asked to press a key and has not yet.
const confirmationRequired = "required"

// joins reports whether the event may be what lets the leg take part.
func (e *Event) isJoining() bool {
	confirms := func(c Change) bool { return c.Attribute == "cisco.cms.call_leg.confirmation_status" }
	return e.Kind == EventJoined || e.Kind == EventActivated || e.Kind == EventUpdated && slices.ContainsFunc(e.Changes, confirms)
}
