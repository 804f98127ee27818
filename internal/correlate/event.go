package correlate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// EventKind is what happened to a leg.
type EventKind uint8

// The events of a leg, each at the time of the record that told it.
const (
	// Connected comes once, with the first state connected.
	EventConnected EventKind = iota
	// IVR: the leg entered the voice menu.
	EventIVR
	// Joined a call: the first, or another one.
	EventJoined
	// Lobby: it was deactivated and waits for an activator.
	EventLobby
	// Activated: it waits no longer.
	EventActivated
	// Updated: something else of it changed.
	EventUpdated
)

// Event is something that happened to a leg.
type Event struct {
	Kind EventKind
	Time pcommon.Timestamp
	// Call is the GUID of the call that was joined.
	Call string
	// Changes are what was updated.
	Changes []Change
}

// Change is an attribute's new value: a text, or a bool where that is present.
type Change struct {
	Attribute string
	Text      string
	Bool      cdr.Optional[bool]
}

// The events of one leg are bounded, in number and in the bytes of their texts, so
// that its span fits into any payload. Later ones are left to its log records.
const (
	maxEvents         = 128
	maxEventTextBytes = 32 << 10
)

// texts is how many bytes of text the event has.
func (e *Event) textSize() int {
	n := len(e.Call)
	for i := range e.Changes {
		n += len(e.Changes[i].Attribute) + len(e.Changes[i].Text)
	}
	return n
}

// add never changes the events in place: the session may hold them.
func (l *Leg) addEvent(event Event) {
	n := len(l.Events)
	texts := event.textSize()
	for i := range l.Events {
		texts += l.Events[i].textSize()
	}
	if l.DroppedEvents > 0 || n == maxEvents || texts > maxEventTextBytes {
		l.DroppedEvents++
		return
	}
	events := make([]Event, n+1) // no larger: a leg may last for days
	copy(events, l.Events)
	events[n] = event
	l.Events = events
}

// Stay is the time that a leg spent somewhere, over several visits.
type Stay struct {
	// Total is that of the visits that ended.
	Total time.Duration
	// Since is when the visit that lasts began; zero if none does.
	Since pcommon.Timestamp
	// Been: there was a visit, though it may have taken no time.
	Visited bool
}

// Lasts reports whether the leg is there.
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
