package callbridge

import "time"

const (
	// clockTolerance allows for record times in whole seconds, the time of delivery and
	// clock drift when record times are compared with the start of another session.
	clockTolerance = time.Minute
	// maxClockAhead is how much a record time may be after its receipt. Above it the
	// Call Bridge's clock is considered ahead; up to it the receiver's own clock may
	// be the wrong one.
	maxClockAhead = time.Hour
	// verdictLifetime is the time after which a verdict lapses. For the verdict that
	//   - a session is replaced or late, it counts from the receipt of the first record with a
	//     new highest index after the verdict (NewRecordsSince);
	//   - another session is the latest, from the receipt of that session's latest record;
	//   - two servers share the source, from the last time that they posted in turn.
	verdictLifetime = 24 * time.Hour
)

// Session is what a History remembers of one session.
type Session struct {
	ID string
	// Predecessor is the session that this one replaced at its start; empty if none.
	Predecessor string
	// Seniority is lower for more senior sessions. A successor inherits it.
	Seniority uint64
	// HighestIndex is the highest index, LatestTime the time of its record, and
	// LastReceived when that record was received.
	HighestIndex             uint64
	LatestTime, LastReceived time.Time
	// Replaced is set if another session replaces this one, or if it is late.
	Replaced bool
	// AliveAfter is a time by the Call Bridge's clock. A record with a later time shows
	// that the session is still running: if it is replaced, it resumes; if its
	// replacement of another session is in doubt, that is confirmed. Zero if neither
	// applies.
	AliveAfter time.Time
	// NewRecordsSince is when the first record with a new highest index was received
	// after the session was replaced; zero if none was.
	NewRecordsSince time.Time
}

// clockAt estimates the session's clock at the receiver's time now. It assumes that
// the clock has not stepped since the latest record.
func (s *Session) clockAt(now time.Time) time.Time { return s.LatestTime.Add(now.Sub(s.LastReceived)) }

// recordedAt returns when the latest record was written.
func (s *Session) recordedAt() time.Time { return recordedAt(s.LatestTime, s.LastReceived) }

// recordedAt returns when a record was written: its time, or the time of receipt if
// the Call Bridge's clock is ahead.
func recordedAt(at, received time.Time) time.Time {
	if at.After(received.Add(maxClockAhead)) {
		return received
	}
	return at
}

// Replace marks the session as replaced. at is the time of the record that shows the
// replacement, and received when that record was received.
func (s *Session) Replace(at, received time.Time) {
	s.Replaced, s.AliveAfter = true, recordedAt(at, received)
	if ownClock := s.clockAt(received); ownClock.After(s.AliveAfter) {
		s.AliveAfter = ownClock
	}
	s.AliveAfter = s.AliveAfter.Add(clockTolerance)
}

// runBoundary returns a time which no record of a run before this session's is later than:
// this session's clock when another session was first received, or the time of that receipt
// if the clock is ahead, plus clockTolerance. A later record of the other session shows that
// the other session is still running.
func (s *Session) runBoundary(received time.Time) time.Time {
	return recordedAt(s.clockAt(received), received).Add(clockTolerance)
}

// observe updates the session for a record with a new highest index. It reports
// whether the session resumed although it was considered replaced, and returns
// AliveAfter as it was before.
func (s *Session) observe(index uint64, at, received time.Time) (aliveAfter time.Time, resumed bool) {
	s.HighestIndex, s.LatestTime, s.LastReceived = index, at, received
	if s.Replaced && s.NewRecordsSince.IsZero() {
		s.NewRecordsSince = received
	}
	aliveAfter = s.AliveAfter
	if !at.After(aliveAfter) && !(s.Replaced && received.Sub(s.NewRecordsSince) >= verdictLifetime) {
		return aliveAfter, false
	}
	resumed = s.Replaced
	s.Replaced, s.AliveAfter, s.NewRecordsSince = false, time.Time{}, time.Time{}
	return aliveAfter, resumed
}
