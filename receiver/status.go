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

// origin is what is refused or accepted: the payloads of one signal of a source, or the saves
// of the storage if both are empty. With one entry for both signals, the status would change
// with each document while one signal is refused.
type origin struct{ instance, signal string }

// refusalLifetime is the age above which a refusal is removed when the next payload of any
// source is accepted or refused. Otherwise a source that is refused and then posts nothing
// more would keep the status an error.
const refusalLifetime = 10 * time.Minute

// maxRefusals limits the origins that are remembered, because clients choose the sources, and
// because each call visits all of them. Above it further origins are not noted until others are
// accepted or removed.
const maxRefusals = 1 << 12

// status reports to the hosts when the first origin is refused and when none is refused any
// more.
type status struct {
	mu    sync.Mutex
	hosts hosts
	// refusals has the time of the last refusal of each origin.
	refusals map[origin]time.Time
}

// refused notes that a pipeline refused a payload, or that the storage failed.
func (s *status) refused(from origin, now time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := len(s.refusals) == 0
	if first {
		s.refusals = map[origin]time.Time{}
	}
	s.removeOld(now)
	if _, found := s.refusals[from]; found || len(s.refusals) < maxRefusals {
		s.refusals[from] = now
	}
	if first {
		s.hosts.report(componentstatus.NewRecoverableErrorEvent(err))
	}
}

// accepted notes that a pipeline accepted a payload, or that the storage saved or deleted a session.
func (s *status) accepted(from origin, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.refusals) == 0 {
		return
	}
	delete(s.refusals, from)
	s.removeOld(now)
	if len(s.refusals) == 0 {
		s.hosts.report(componentstatus.NewEvent(componentstatus.StatusOK))
	}
}

// removeOld removes old refusals. Otherwise the map could grow without limit, because
// clients choose the sources.
func (s *status) removeOld(now time.Time) {
	maps.DeleteFunc(s.refusals, func(_ origin, at time.Time) bool { return now.Sub(at) > refusalLifetime })
}
