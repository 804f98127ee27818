package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// EventKind is what happened to a leg.
type EventKind uint8

// The events of a leg, each at the time of the record that told it.
const (
	// Connected comes once, with the first state connected.
	Connected EventKind = iota
	// IVR: the leg entered the voice menu.
	IVR
	// Joined a call: the first, or another one.
	Joined
	// Lobby: it was deactivated and waits for an activator.
	Lobby
	// Activated: it waits no longer.
	Activated
	// Updated: something else of it changed.
	Updated
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

// maxEvents bounds the events of one leg, and maxEventTexts in bytes their texts: a
// span must fit in a payload. Later ones are left to its log records.
const (
	maxEvents     = 128
	maxEventTexts = 32 << 10
)

// add never changes the events in place: the session may hold them.
func (l *Leg) add(event Event) {
	n, texts := len(l.Events), event.texts()
	for i := range l.Events {
		texts += l.Events[i].texts()
	}
	if n == maxEvents || texts > maxEventTexts {
		l.Dropped++
		return
	}
	events := make([]Event, n+1) // no larger: a leg may last for days
	copy(events, l.Events)
	events[n] = event
	l.Events = events
}

// texts is what the event's changes hold in bytes.
func (e *Event) texts() (bytes int) {
	for i := range e.Changes {
		bytes += len(e.Changes[i].Text)
	}
	return bytes
}

// wait puts the leg into the lobby, or lets it in.
func (l *Leg) wait(deactivated bool, at pcommon.Timestamp) {
	if deactivated {
		l.Lobby.enter(at)
		l.add(Event{Kind: Lobby, Time: at})
		return
	}
	l.Lobby.leave(at)
	l.add(Event{Kind: Activated, Time: at})
}
