package cmscdrreceiver

import (
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
)

// hosts are one for each signal: the collector shows a status for each.
type hosts []component.Host

func (h hosts) report(event *componentstatus.Event) {
	for _, host := range h {
		componentstatus.ReportStatus(host, event)
	}
}

// status tells the hosts when sessions begin to be refused and when none is any
// more. It reports changes only.
type status struct {
	mu      sync.Mutex
	hosts   hosts
	refused map[*session]struct{}
}

// accepted notes that the session's last document was.
func (s *status) accepted(of *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, was := s.refused[of]; !was {
		return
	}
	if delete(s.refused, of); len(s.refused) == 0 {
		s.hosts.report(componentstatus.NewEvent(componentstatus.StatusOK))
	}
}

// refusedWith notes that the session's last document was refused.
func (s *status) refusedWith(of *session, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused == nil {
		s.refused = map[*session]struct{}{}
	}
	first := len(s.refused) == 0
	s.refused[of] = struct{}{}
	if first {
		s.hosts.report(componentstatus.NewRecoverableErrorEvent(err))
	}
}
