package meeting

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Progress is how far the records of a session were committed. A session whose Call Bridge
// sends a backlog is behind the other sessions. The registry's lock guards it.
type Progress struct {
	latest   pcommon.Timestamp // the time of the latest record
	received pcommon.Timestamp // when that was received; zero if unknown
}

// NewProgress returns the progress of a session that is restored. latest is the time of its
// latest record, and received is when that, or a later document, was received; zero if unknown.
func NewProgress(latest, received pcommon.Timestamp) *Progress {
	return &Progress{latest: latest, received: received}
}

const (
	// backlogDelay is how old a record must be when it is received to count as part of a
	// backlog. Clocks that are slow by less than this, and shorter outages, divide no
	// meetings.
	backlogDelay = pcommon.Timestamp(time.Hour)
	// maxApart is how far apart the times of two calls may be if one is part of a backlog. Few
	// meetings last longer.
	maxApart = pcommon.Timestamp(time.Hour)
)

// mayOverlap reports whether the call may have been open when another call began at start.
// The start record of that call is received now. Open calls overlap, unless one of their
// sessions sends a backlog: a call that is open by the records so far may have ended before
// the other one began. Otherwise calls of one coSpace that took place on different days would
// be one meeting after an outage, when several Call Bridges send their backlogs at the same
// time.
func (m *member) mayOverlap(start, now pcommon.Timestamp) bool {
	inBacklog := start+backlogDelay < now
	if inBacklog && start+maxApart < m.start {
		return false
	}
	latest, received := m.start, m.reservedAt
	if m.progress != nil && m.progress.latest >= latest {
		latest, received = m.progress.latest, m.progress.received
	}
	isBehind := latest+backlogDelay < received
	return start <= latest+maxApart || !inBacklog && !isBehind
}
