package correlate

import (
	"iter"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Session holds the open entities of one run of a Call Bridge. Only
// Transaction.Commit and Restore change it. It has no lock: the receiver locks it.
type Session struct {
	id string
	// source is the instance of the session's source at the last commit or at Restore;
	// empty before.
	source   string
	meetings *meeting.Registry
	limits   Limits

	// open holds entities that are never changed in place; a changed entity replaces
	// the old one.
	open   map[key]Entity
	counts [kindCount]int
	// byCall holds the keys of the entities in each call, by the call's GUID.
	byCall  map[string]map[key]struct{}
	aliases map[alias]string
	closed  closedEntities
	// departures are those of the session's closed calls whose meetings still have
	// other calls. They are saved, because the departures of the other calls depend on
	// them after a restart of the receiver.
	departures []meeting.Departure
	// endedMeetings is the registry's EndedCount when departures were last updated.
	endedMeetings uint64
	bytes         memory

	// progress repeats latestTime and latestReceived for the calls of other sessions.
	progress *meeting.Progress
	// latestTime is the time of the record with the highest index.
	latestTime pcommon.Timestamp
	// highestIndex is the index of that record; after Restore it is the lowest index that
	// a newer record can have.
	highestIndex uint64
	// latestReceived is when that record was received; zero if that was before a
	// restart of the receiver.
	latestReceived pcommon.Timestamp
	// nextScan is when PlanExpired next searches the open entities. It searches them
	// earlier only if the session is silent, or if that time is more than Limits.Expire away,
	// because the receiver's clock was set back.
	nextScan pcommon.Timestamp
}

// Limits are the limits of a session.
type Limits struct {
	// MaxOpen limits the open entities of each kind.
	MaxOpen int
	// Expire is how long an entity that may have ended is held without a record.
	Expire time.Duration
}

// Grace is the grace period: how long an entity is held for its own end record after its
// call ended, except a leg in the voice menu, and a call after its start record if that
// arrived after the start record of a newer call of its coSpace. The entities of a session
// that was replaced or is late are held for the same time after its last document or after
// the replacement, whichever is later.
const Grace = time.Minute

// NewSession returns a session without open entities. All sessions share the registry
// of meetings.
func NewSession(id string, meetings *meeting.Registry, limits Limits) *Session {
	return &Session{
		id: id, meetings: meetings, limits: limits,
		open: map[key]Entity{}, byCall: map[string]map[key]struct{}{}, aliases: map[alias]string{}, progress: new(meeting.Progress),
	}
}

// CallCount returns the number of open calls.
func (s *Session) CallCount() int { return s.counts[callKind] }

// LegCount returns the number of open legs.
func (s *Session) LegCount() int { return s.counts[legKind] }

// OpenCount returns the number of open entities.
func (s *Session) OpenCount() int { return len(s.open) }

// Open yields the open entities, which must not be changed.
func (s *Session) Open() iter.Seq[Entity] {
	return func(yield func(Entity) bool) {
		for _, entity := range s.open {
			if !yield(entity) {
				return
			}
		}
	}
}
