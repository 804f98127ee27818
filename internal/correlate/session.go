package correlate

import (
	"iter"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Session is what is open on one run of a Call Bridge. Only
// Transaction.Commit changes it; its owner guards it.
type Session struct {
	id       string
	meetings *meeting.Registry
	limits   Limits

	// open is never changed in place: a thing that changes is replaced. bytes is what it
	// takes in memory.
	open   map[key]Thing
	bytes  int
	counts [kinds]int
	// within are the things in a call, by the call's GUID.
	within map[string]map[key]struct{}
	named  map[alias]string
	gone   gone
	// left are meetings that calls of this session left and that matter elsewhere:
	// what others must know who leave after a restart of the receiver.
	left []meeting.Departure

	// latest is the time of the record with the highest index.
	latest  pcommon.Timestamp
	highest uint64
	// check is when something can be due at the earliest.
	check pcommon.Timestamp
}

// Limits bound what a session holds, and for how long.
type Limits struct {
	// MaxOpen bounds the calls, the legs, the recordings and the streamings, each.
	MaxOpen int
	// Expire is how long what may be over is held without a record.
	Expire time.Duration
}

// Grace is how long what was in a call that is over gets for its own end record,
// and how long a session that a restart ended is listened to for late records.
const Grace = time.Minute

// NewSession returns a session in which nothing is open. The registry is that
// of all sessions.
func NewSession(id string, meetings *meeting.Registry, limits Limits) *Session {
	return &Session{
		id: id, meetings: meetings, limits: limits,
		open: map[key]Thing{}, within: map[string]map[key]struct{}{}, named: map[alias]string{},
	}
}

// CallCount is the number of open calls.
func (s *Session) CallCount() int { return s.counts[aCall] }

// LegCount is the number of open legs.
func (s *Session) LegCount() int { return s.counts[aLeg] }

// OpenCount is the number of all that is open.
func (s *Session) OpenCount() int { return len(s.open) }

// Open yields what is open, which must not be changed.
func (s *Session) Open() iter.Seq[Thing] {
	return func(yield func(Thing) bool) {
		for _, thing := range s.open {
			if !yield(thing) {
				return
			}
		}
	}
}
