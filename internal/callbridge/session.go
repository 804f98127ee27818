package callbridge

import "time"

const (
	// margin covers whole seconds, delivery and drift where record times are
	// compared with the time at which another session began.
	margin = time.Minute
	// ahead is how much later than its receipt a record time may be before it
	// shows a clock that is ahead: the receiver's own clock can be wrong as well.
	ahead = time.Hour
	// verdictLife is how long a verdict holds that nothing confirms.
	verdictLife = 24 * time.Hour
)

// Session is what a History remembers of one session.
type Session struct {
	ID string
	// Follows is the predecessor that it had from its beginning, if any.
	Follows string
	// Place is its seniority: the smaller, the older.
	Place uint64
	// High is the highest index, Latest the time that its record tells, and Heard
	// when that record was received.
	High          uint64
	Latest, Heard time.Time
	// Replaced is set if another session follows, or if it is late.
	Replaced bool
	// Beyond is the time after which a record shows that the session goes on: a
	// replaced one is alive, and a succession in doubt is certain. It is zero where
	// there is no doubt.
	Beyond time.Time
	// Since is when the first rising record was received after the replacement.
	Since time.Time
}

// clock is what the session's own clock shows when the receiver's shows now, if it
// did not step since the latest record.
func (s *Session) clock(now time.Time) time.Time { return s.Latest.Add(now.Sub(s.Heard)) }

// made is when the latest record was made.
func (s *Session) made() time.Time { return made(s.Latest, s.Heard) }

// made is when a record was made: when it says, but not after it was received.
func made(at, received time.Time) time.Time {
	if at.After(received.Add(ahead)) {
		return received
	}
	return at
}

// replace notes that another session follows, one that told that record time.
func (s *Session) replace(at, received time.Time) {
	s.Replaced, s.Beyond = true, made(at, received)
	if own := s.clock(received); own.After(s.Beyond) {
		s.Beyond = own
	}
	s.Beyond = s.Beyond.Add(margin)
}

// present is a time that no record of an earlier run tells: this session's clock
// when another session was first received.
func (s *Session) present(received time.Time) time.Time {
	return made(s.clock(received), received).Add(margin)
}

// hear takes a record with an index above all before it, and reports whether it
// shows that the session goes on although it counted as replaced. It returns as well
// the time that a record had to exceed.
func (s *Session) hear(index uint64, at, received time.Time) (beyond time.Time, goesOn bool) {
	s.High, s.Latest, s.Heard = index, at, received
	if s.Replaced && s.Since.IsZero() {
		s.Since = received
	}
	beyond = s.Beyond
	if !at.After(beyond) && !(s.Replaced && received.Sub(s.Since) >= verdictLife) {
		return beyond, false
	}
	goesOn = s.Replaced
	s.Replaced, s.Beyond, s.Since = false, time.Time{}, time.Time{}
	return beyond, goesOn
}
