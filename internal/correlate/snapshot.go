package correlate

import (
	"cmp"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Snapshot is an open call at one time, with the legs in it. Committed entities are
// never changed in place, so any goroutine can read a snapshot at any time.
type Snapshot struct {
	Call *Call
	// Span is the call's span in the trace Call.Trace.
	Span pcommon.SpanID
	Legs []*Leg
	// Duration is that of the call so far, by the Call Bridge's clock.
	Duration time.Duration
}

// Snapshots returns the open calls, without those that have certainly ended and wait for
// their end records. now is the time by the receiver's clock. The durations of the calls
// are calculated from it.
func (s *Session) Snapshots(now time.Time) []Snapshot {
	snapshots := make([]Snapshot, 0, s.counts[callKind])
	callBridgeNow := s.callBridgeTime(now)
	for k, entity := range s.open {
		call, isCall := entity.(*Call)
		if !isCall || call.GraceBegan != 0 {
			continue
		}
		snapshot := Snapshot{Call: call, Span: SpanID(k.id)}
		if start := call.firstTime(); start != 0 {
			snapshot.Duration = time.Duration(max(callBridgeNow, start) - start)
		}
		for inCall := range s.byCall[k.id] {
			if leg, isLeg := s.open[inCall].(*Leg); isLeg {
				snapshot.Legs = append(snapshot.Legs, leg)
			}
		}
		snapshots = append(snapshots, snapshot)
	}
	return snapshots
}

// callBridgeTime estimates the Call Bridge's clock at now: the time of its latest
// record plus the time since that was received. If that was before a restart of the
// receiver, it is only the time of the record.
func (s *Session) callBridgeTime(now time.Time) pcommon.Timestamp {
	if s.latestReceived == 0 {
		return s.latestTime
	}
	at := pcommon.NewTimestampFromTime(now)
	return s.latestTime + max(at, s.latestReceived) - s.latestReceived
}

// Delay returns how old the latest record was when it was received, or 0 if that was
// before a restart of the receiver. It is long while a session sends a backlog, and does
// not grow while no record is received.
func (s *Session) Delay() time.Duration {
	if s.latestReceived < s.latestTime {
		return 0
	}
	return time.Duration(s.latestReceived - s.latestTime)
}

// SortLegs sorts the legs in place, by the earliest time that is known of each, and then by
// their GUIDs.
func SortLegs(legs []*Leg) {
	slices.SortFunc(legs, func(a, b *Leg) int {
		return cmp.Or(cmp.Compare(a.firstTime(), b.firstTime()), cmp.Compare(a.ID, b.ID))
	})
}

// LegState is the state of a leg in its call.
type LegState string

// The states of a leg in a call. A leg that is neither connected, activated, in the voice
// menu nor in the lobby, such as a ringing one, has no state.
const (
	// StateConnected: the leg is connected or activated, but the invited participant must
	// press a key to join.
	StateConnected LegState = "connected"
	// StateIVR: the leg is in the voice menu.
	StateIVR LegState = "ivr"
	// StateLobby: the leg waits for an activator.
	StateLobby LegState = "lobby"
	// StateJoined: the leg takes part in the call.
	StateJoined LegState = "joined"
)

// State returns the leg's state and the time at which the state began. Without a state,
// since is the earliest time that is known of the leg.
func (l *Leg) State() (state LegState, since pcommon.Timestamp) {
	activated := l.Deactivated.Present && !l.Deactivated.Value
	switch {
	case l.IVR.Active():
		return StateIVR, l.IVR.Since
	case l.Lobby.Active():
		return StateLobby, l.Lobby.Since
	case l.ConnectedAt == 0 && !activated:
		return "", l.firstTime()
	}
	state, since = StateJoined, l.ConnectedAt // 0 if the leg was only activated
	if l.ConfirmationStatus == confirmationRequired {
		state = StateConnected
	}
	for i := range l.Events {
		if l.Events[i].canBeginState() {
			since = max(since, l.Events[i].Time)
		}
	}
	return state, cmp.Or(since, l.firstTime())
}

// confirmationRequired is the status of an invited participant who must press a key
// to join.
const confirmationRequired = "required"

// canBeginState reports whether StateConnected or StateJoined can begin with the event.
func (e *Event) canBeginState() bool {
	isConfirmation := func(c Change) bool { return c.Attribute == "cisco.cms.call_leg.confirmation_status" }
	return e.Kind == EventJoined || e.Kind == EventActivated || e.Kind == EventUpdated && slices.ContainsFunc(e.Changes, isConfirmation)
}
