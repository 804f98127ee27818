// Package meeting makes up meetings: who came, by what device, how it went, and the records that one or
// several Call Bridges report of it. Everything follows from a seed and takes no time.
package meeting

import (
	"slices"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// Meeting is everything that is reported of one meeting, or of one burst of a SIP scanner.
type Meeting struct {
	Serial  int           // from 0, in the order of Start
	Start   time.Duration // since the run's beginning
	Scanner bool          // nobody met: a scanner knocked
	Events  []Event       // in the order of At
}

// Event is a record that a Call Bridge reports at a time.
type Event struct {
	At      time.Duration // since the run's beginning, whole seconds
	Bridge  int
	Meeting int // the meeting's Serial
	Body    wire.Body
}

// finish puts a script's events in order and in their place in the run.
func (s *script) finish(serial int, start time.Duration) Meeting {
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

// rank orders what happens in one second: a SIP leg comes before the call that it creates, a leg that names
// its call after it, and ends come last.
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
