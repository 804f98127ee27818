package simulate

import (
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/bridge"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// server is a Call Bridge with what befalls it.
type server struct {
	*bridge.Bridge
	coming []incident  // those still to come
	newest int         // the serial after that of the newest meeting seen
	since  int         // meetings before this one ended with an earlier session, and are not heard of again
	now    []wire.Body // what is reported in the second at hand
}

// suffer lets happen what is due, and each time things settle before the next.
func (s *server) suffer(at time.Duration, settle func(*server)) {
	for len(s.coming) > 0 && s.coming[0].at <= at {
		s.coming[0].do(s)
		s.coming = s.coming[1:]
		settle(s)
	}
}

func (s *server) restart(lose bool) {
	s.Restart(lose)
	s.since = s.newest
}

// note takes an event that is about to be reported, unless its meeting was cut off by a restart.
func (s *server) note(e meeting.Event) {
	s.newest = max(s.newest, e.Meeting+1)
	if e.Meeting >= s.since {
		s.now = append(s.now, e.Body)
	}
}

// report gives the second's records to the Call Bridge and says how many there were.
func (s *server) report(at time.Time) int {
	n := len(s.now)
	if n > 0 {
		s.Report(at, s.now)
		s.now = s.now[:0]
	}
	return n
}
