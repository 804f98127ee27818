package cmscdrreceiver

import (
	"maps"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
)

// hosts has one host for each signal, because the collector shows a status for each.
type hosts []component.Host

func (h hosts) report(event *componentstatus.Event) {
	for _, host := range h {
		componentstatus.ReportStatus(host, event)
	}
}

// refusalLifetime is the time after which a refusal no longer affects the status. A source
// that was refused and then removed is never accepted again.
const refusalLifetime = 10 * time.Minute

// status reports to the hosts when the first source is refused and when none is
// refused any more.
type status struct {
	mu    sync.Mutex
	hosts hosts
	// refusals has the time of the last refusal, by instance.
	refusals map[string]time.Time
}

// refused records that a pipeline refused a payload of the source, or that the storage
// failed.
func (s *status) refused(source string, now time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := len(s.refusals) == 0
	if first {
		s.refusals = map[string]time.Time{}
	}
	s.removeOld(now)
	s.refusals[source] = now
	if first {
		s.hosts.report(componentstatus.NewRecoverableErrorEvent(err))
	}
}

// accepted records that a pipeline accepted a payload of the source, or that the storage
// saved a session.
func (s *status) accepted(source string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.refusals) == 0 {
		return
	}
	delete(s.refusals, source)
	s.removeOld(now)
	if len(s.refusals) == 0 {
		s.hosts.report(componentstatus.NewEvent(componentstatus.StatusOK))
	}
}

// removeOld removes old refusals, because clients choose the sources.
func (s *status) removeOld(now time.Time) {
	maps.DeleteFunc(s.refusals, func(_ string, at time.Time) bool { return now.Sub(at) > refusalLifetime })
}
