package callbridge

import "time"

const (
	// clockTolerance covers whole seconds, delivery and drift when record times are
	// compared with the start of another session.
	clockTolerance = time.Minute
	// maxClockAhead is how much a record time may be after its receipt. Above it the
	// Call Bridge's clock is ahead; below it the receiver's own clock may be wrong.
	maxClockAhead = time.Hour
	// verdictLifetime is how long an unconfirmed verdict holds.
	verdictLifetime = 24 * time.Hour
)

// Session is what a History remembers of one session.
type Session struct {
	ID string
	// Follows is the predecessor that the session had at its start, if any.
	Follows string
	// Seniority is lower for older sessions.
	Seniority uint64
	// HighestIndex is the highest index, LatestTime the time of its record, and
	// LastReceived when that record was received.
	HighestIndex             uint64
	LatestTime, LastReceived time.Time
	// Replaced is set if another session replaces this one, or if it is late.
	Replaced bool
	// AliveAfter is the time after which a record shows that the session is running:
	// a replaced session is alive, and a doubtful replacement is certain. It is zero
	// if there is no doubt.
	AliveAfter time.Time
	// RisingSince is when the first record with a new highest index was received
	// after the replacement.
	RisingSince time.Time
}

// clockAt estimates the session's clock when the receiver's shows now, if it did not
// step since the latest record.
func (s *Session) clockAt(now time.Time) time.Time { return s.LatestTime.Add(now.Sub(s.LastReceived)) }

// recordedAt returns when the latest record was made.
func (s *Session) recordedAt() time.Time { return recordedAt(s.LatestTime, s.LastReceived) }

// recordedAt returns when a record was made: at its time, but not after its receipt.
func recordedAt(at, received time.Time) time.Time {
	if at.After(received.Add(maxClockAhead)) {
		return received
	}
	return at
}

// replace marks the session as replaced by one whose first record has that time.
func (s *Session) replace(at, received time.Time) {
	s.Replaced, s.AliveAfter = true, recordedAt(at, received)
	if own := s.clockAt(received); own.After(s.AliveAfter) {
		s.AliveAfter = own
	}
	s.AliveAfter = s.AliveAfter.Add(clockTolerance)
}

// runBoundary returns a time that no record of an earlier run has: this session's
// clock when another session was first received.
func (s *Session) runBoundary(received time.Time) time.Time {
	return recordedAt(s.clockAt(received), received).Add(clockTolerance)
}

// observe takes a record with a new highest index. It reports whether the session
// resumed although it was considered replaced, and returns the time that the record
// had to exceed.
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
