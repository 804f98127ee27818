package simulate

import (
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/bridge"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// server is a Call Bridge with its incidents and the records of the current second.
type server struct {
	*bridge.Bridge
	incidents   []incident // that have not happened yet
	nextMeeting int        // highest serial of a meeting with an event on this server, plus 1
	endedBefore int        // meetings with lower serials report nothing more on this server, because it restarted
	records     []wire.Body
}

// applyIncidents applies the incidents that are due. It calls drain after each.
func (s *server) applyIncidents(at time.Duration, drain func(*server)) {
	for len(s.incidents) > 0 && s.incidents[0].at <= at {
		s.incidents[0].apply(s)
		s.incidents = s.incidents[1:]
		drain(s)
	}
}

func (s *server) restart() {
	s.Restart()
	s.endedBefore = s.nextMeeting
}

// add adds the record of an event, unless its meeting is below endedBefore. Such a meeting may have had no event
// on this server before the restart.
func (s *server) add(e meeting.Event) {
	s.nextMeeting = max(s.nextMeeting, e.Meeting+1)
	if e.Meeting >= s.endedBefore {
		s.records = append(s.records, e.Body)
	}
}

// report passes the records of the second to the Call Bridge and returns their number.
func (s *server) report(at time.Time) int {
	n := len(s.records)
	if n > 0 {
		s.Report(at, s.records)
		s.records = s.records[:0]
	}
	return n
}
