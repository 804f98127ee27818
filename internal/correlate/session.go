package correlate

import (
	"iter"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Session is what is open on one run of a Call Bridge. Only Transaction.Commit and
// Restore change it; its owner guards it.
type Session struct {
	id string
	// source is the Call Bridge, as of the latest commit.
	source   string
	meetings *meeting.Registry
	limits   Limits

	// open is never changed in place: an entity that changes is replaced.
	open   map[key]Entity
	counts [kindCount]int
	// within are the entities in a call, by the call's GUID.
	byCall  map[string]map[key]struct{}
	aliases map[alias]string
	closed  closedEntities
	// departures are from meetings that go on without the session's calls: what
	// others must know that leave after a restart of the receiver.
	departures []meeting.Departure
	bytes      size

	// latest is the time of the record with the highest index.
	latestTime   pcommon.Timestamp
	highestIndex uint64
	// received is when that record was received; zero if a receiver before this one
	// received it.
	latestReceived pcommon.Timestamp
	// due is when an entity can lapse at the earliest.
	nextScan pcommon.Timestamp
}

// Limits bound what a session holds, and for how long.
type Limits struct {
	// MaxOpen bounds the calls, the legs, the recordings and the streamings, each.
	MaxOpen int
	// Expire is how long an entity that may have ended is held without a record.
	Expire time.Duration
}

// Grace is how long an entity whose call ended gets for its own end record, and
// how long a session that a restart ended is listened to for late records.
const Grace = time.Minute

// NewSession returns a session in which nothing is open. The registry is that
// of all sessions.
func NewSession(id string, meetings *meeting.Registry, limits Limits) *Session {
	return &Session{
		id: id, meetings: meetings, limits: limits,
		open: map[key]Entity{}, byCall: map[string]map[key]struct{}{}, aliases: map[alias]string{},
	}
}

// CallCount is the number of open calls.
func (s *Session) CallCount() int { return s.counts[callKind] }

// LegCount is the number of open legs.
func (s *Session) LegCount() int { return s.counts[legKind] }

// OpenCount is the number of all that is open.
func (s *Session) OpenCount() int { return len(s.open) }

// Open yields what is open, which must not be changed.
func (s *Session) Open() iter.Seq[Entity] {
	return func(yield func(Entity) bool) {
		for _, entity := range s.open {
			if !yield(entity) {
				return
			}
		}
	}
}
