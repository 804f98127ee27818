package correlate

import "time"

// Stay is the time that a leg spent somewhere, over several visits.
type Stay struct {
	// Total is that of the visits that are over.
	Total time.Duration
	// Since is when the visit that lasts began; zero if none does.
	Since time.Time
	// Been: there was a visit, though it may have taken no time.
	Been bool
}

// Lasts reports whether the leg is there.
func (s *Stay) Lasts() bool { return !s.Since.IsZero() }

func (s *Stay) enter(at time.Time) {
	if !s.Lasts() {
		s.Since, s.Been = at, true
	}
}

func (s *Stay) leave(at time.Time) {
	if s.Lasts() {
		s.Total += max(0, at.Sub(s.Since))
		s.Since = time.Time{}
	}
}
