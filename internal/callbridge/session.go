package callbridge

import "time"

const (
	// margin covers whole seconds, delivery and drift where record times are
	// compared with the time at which another session began.
	clockTolerance = time.Minute
	// ahead is how much later than its receipt a record time may be before it
	// shows a clock that is ahead: the receiver's own clock can be wrong as well.
	maxClockAhead = time.Hour
	// verdictLife is how long a verdict holds that nothing confirms.
	verdictLifetime = 24 * time.Hour
)

// Session is what a History remembers of one session.
type Session struct {
	ID string
	// Follows is the predecessor that it had from its beginning, if any.
	Follows string
	// Place is its seniority: the smaller, the older.
	Seniority uint64
	// High is the highest index, Latest the time that its record tells, and Heard
	// when that record was received.
	HighestIndex             uint64
	LatestTime, LastReceived time.Time
	// Replaced is set if another session follows, or if it is late.
	Replaced bool
	// Beyond is the time after which a record shows that the session goes on: a
	// replaced one is alive, and a succession in doubt is certain. It is zero where
	// there is no doubt.
	AliveAfter time.Time
	// Since is when the first rising record was received after the replacement.
	RisingSince time.Time
}

// clock is what the session's own clock shows when the receiver's shows now, if it
// did not step since the latest record.
func (s *Session) clockAt(now time.Time) time.Time { return s.LatestTime.Add(now.Sub(s.LastReceived)) }

// made is when the latest record was made.
func (s *Session) recordedAt() time.Time { return recordedAt(s.LatestTime, s.LastReceived) }

// made is when a record was made: when it says, but not after it was received.
func recordedAt(at, received time.Time) time.Time {
	if at.After(received.Add(maxClockAhead)) {
		return received
	}
	return at
}

// replace notes that another session follows, one that told that record time.
func (s *Session) replace(at, received time.Time) {
	s.Replaced, s.AliveAfter = true, recordedAt(at, received)
	if own := s.clockAt(received); own.After(s.AliveAfter) {
		s.AliveAfter = own
	}
	s.AliveAfter = s.AliveAfter.Add(clockTolerance)
}

// present is a time that no record of an earlier run tells: this session's clock
// when another session was first received.
func (s *Session) runBoundary(received time.Time) time.Time {
	return recordedAt(s.clockAt(received), received).Add(clockTolerance)
}

// hear takes a record with an index above all before it, and reports whether it
// shows that the session goes on although it counted as replaced. It returns as well
// the time that a record had to exceed.
func (s *Session) observe(index uint64, at, received time.Time) (aliveAfter time.Time, resumed bool) {
	s.HighestIndex, s.LatestTime, s.LastReceived = index, at, received
	if s.Replaced && s.RisingSince.IsZero() {
		s.RisingSince = received
	}
	aliveAfter = s.AliveAfter
	if !at.After(aliveAfter) && !(s.Replaced && received.Sub(s.RisingSince) >= verdictLifetime) {
		return aliveAfter, false
	}
	resumed = s.Replaced
	s.Replaced, s.AliveAfter, s.RisingSince = false, time.Time{}, time.Time{}
	return aliveAfter, resumed
}
