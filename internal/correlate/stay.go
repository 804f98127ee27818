package correlate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Stay is the time that a leg spent somewhere, over several visits.
type Stay struct {
	// Total is that of the visits that are over.
	Total time.Duration
	// Since is when the visit that lasts began; zero if none does.
	Since pcommon.Timestamp
	// Been: there was a visit, though it may have taken no time.
	Been bool
}

// Lasts reports whether the leg is there.
func (s *Stay) Lasts() bool { return s.Since != 0 }

func (s *Stay) enter(at pcommon.Timestamp) {
	if !s.Lasts() {
		s.Since, s.Been = at, true
	}
}

func (s *Stay) leave(at pcommon.Timestamp) {
	if s.Lasts() {
		s.Total += time.Duration(max(at, s.Since) - s.Since)
		s.Since = 0
	}
}
