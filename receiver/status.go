package cmscdrreceiver

import (
	"maps"
	"sync"
	"time"

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

// forgotten is how long a refusal counts: a source that was refused and then
// taken away never comes back to be accepted.
const refusalLifetime = 10 * time.Minute

// status tells the hosts when sources begin to be refused and when none is any
// more. It reports changes only.
type status struct {
	mu    sync.Mutex
	hosts hosts
	// refusals are the times at which sources, by instance, were refused last.
	refusals map[string]time.Time
}

// refused notes that the pipelines refused a document of the source.
func (s *status) refused(source string, now time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := len(s.refusals) == 0
	if first {
		s.refusals = map[string]time.Time{}
	}
	s.expire(now)
	s.refusals[source] = now
	if first {
		s.hosts.report(componentstatus.NewRecoverableErrorEvent(err))
	}
}

// accepted notes that the pipelines accepted a document of the source.
func (s *status) accepted(source string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.refusals) == 0 {
		return
	}
	delete(s.refusals, source)
	s.expire(now)
	if len(s.refusals) == 0 {
		s.hosts.report(componentstatus.NewEvent(componentstatus.StatusOK))
	}
}

// forget lets go sources that were refused long ago: senders choose them.
func (s *status) expire(now time.Time) {
	maps.DeleteFunc(s.refusals, func(_ string, at time.Time) bool { return now.Sub(at) > refusalLifetime })
}
