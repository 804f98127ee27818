package correlate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// EventKind is the kind of a leg's event. Its numbers are part of the stored format.
type EventKind uint8

// The events of a leg. Each has the time of the record that reported it.
const (
	// EventConnected: the leg was connected for the first time.
	EventConnected EventKind = iota
	// EventIVR: the leg entered the voice menu.
	EventIVR
	// EventJoined: the leg joined a call, for the first time or again after the voice
	// menu or another call.
	EventJoined
	// EventLobby: the leg was deactivated and waits for an activator.
	EventLobby
	// EventActivated: the leg left the lobby, or does not have to wait there.
	EventActivated
	// EventUpdated: other fields of the leg changed.
	EventUpdated
)

// Event is a change in the state of a leg.
type Event struct {
	Kind EventKind
	Time pcommon.Timestamp
	// Call is the GUID of the call that the leg joined.
	Call string
	// Changes are the fields that were updated.
	Changes []Change
}

// Change is the new value of an attribute: Bool if that is present, else Text.
type Change struct {
	// Attribute is the name of the attribute on the leg's span.
	Attribute string
	Text      string
	Bool      cdr.Optional[bool]
}

// These limit the number of events of a leg and the bytes of their texts, so that its
// span fits into a payload. Further events are only in the leg's log records.
const (
	maxEvents         = 128
	maxEventTextBytes = 32 << 10
)

// textSize returns the size of the event's texts in bytes.
func (e *Event) textSize() int {
	n := len(e.Call)
	for i := range e.Changes {
		n += len(e.Changes[i].Attribute) + len(e.Changes[i].Text)
	}
	return n
}

// addEvent adds an event to a copy of the slice, because the session may hold the same
// slice. The first event above a limit and all later events of the leg are only
// counted.
func (l *Leg) addEvent(event Event) {
	n := len(l.Events)
	textBytes := event.textSize()
	for i := range l.Events {
		textBytes += l.Events[i].textSize()
	}
	if l.DroppedEvents > 0 || n == maxEvents || textBytes > maxEventTextBytes {
		l.DroppedEvents++
		return
	}
	events := make([]Event, n+1) // exact size, because a leg may last for days
	copy(events, l.Events)
	events[n] = event
	l.Events = events
}

// Stay is the time that a leg spent in the voice menu or in the lobby, over several
// visits.
type Stay struct {
	// Total is the time of the visits that ended.
	Total time.Duration
	// Since is when the current visit began; zero if there is none.
	Since pcommon.Timestamp
	// Visited is set if there was a visit, even one without duration.
	Visited bool
}

// Active reports whether a visit is in progress.
func (s *Stay) Active() bool { return s.Since != 0 }

func (s *Stay) start(at pcommon.Timestamp) {
	if !s.Active() {
		s.Since, s.Visited = at, true
	}
}

func (s *Stay) stop(at pcommon.Timestamp) {
	if s.Active() {
		s.Total += time.Duration(max(at, s.Since) - s.Since)
		s.Since = 0
	}
}
