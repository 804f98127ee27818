// Package meeting generates meetings and the records that Call Bridges report about them. It chooses who participates,
// on which device, when, and why each leg ends. The seed determines every choice, and none depends on real time.
// Package simulate plays the meetings.
package meeting

import (
	"slices"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// Meeting holds the events of one meeting, or of one burst of SIP scanner calls.
type Meeting struct {
	Serial  int           // from 0, in the order of Start
	Start   time.Duration // since the start of the run
	Scanner bool          // set for a burst of SIP scanner calls
	Events  []Event       // in the order of At
}

// Event is a record that a Call Bridge reports.
type Event struct {
	At      time.Duration // since the start of the run, whole seconds
	Bridge  int           // number of the Call Bridge, from 0
	Meeting int           // Serial of the meeting
	Body    wire.Body
}

// meeting returns the meeting with its events in order. It converts each At from a number of seconds since the start of
// the meeting to a time since the start of the run, so it must be called once.
func (s *script) meeting(serial int, start time.Duration) Meeting {
	slices.SortStableFunc(s.events, func(a, b Event) int {
		if a.At != b.At {
			return int(a.At - b.At)
		}
		return rank(a.Body) - rank(b.Body)
	})
	for i := range s.events {
		s.events[i].At = start + s.events[i].At*time.Second
		s.events[i].Meeting = serial
	}
	return Meeting{Serial: serial, Start: start, Events: s.events}
}

// rank orders the records of one second. A SIP leg starts before the call that it creates. A leg whose start record
// names the call starts after the call. End records are last.
func rank(body wire.Body) int {
	switch b := body.(type) {
	case wire.CallLegStart:
		if b.Call == "" {
			return 0
		}
		return 2
	case wire.CallStart:
		return 1
	case wire.CallLegUpdate:
		return 3
	case wire.RecordingStart, wire.StreamingStart:
		return 4
	case wire.RecordingEnd, wire.StreamingEnd:
		return 5
	case wire.CallLegEnd:
		return 6
	default:
		return 7
	}
}
