package meeting

import (
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Registry holds the calls of all meetings, committed and reserved ones, and the traces of
// legs. Its size is limited by the open calls and legs of the sessions, by maxReserved for
// each session, by maxReservedTotal, by maxJoinIDs for each meeting, and by maxEndedLegs. It is safe for
// concurrent use.
type Registry struct {
	mu        sync.Mutex
	lastOrder uint64 // the last order of a meeting or commitOrder of a member
	calls     map[Call]*member
	// byTrace holds the meetings that have members.
	byTrace  map[pcommon.TraceID]*meeting
	byJoinID joinIndex
	// reserved holds the calls that are not committed, by session; sweptAt is when
	// expired reservations were last removed.
	reserved map[string]map[Call]*member
	// reservedCount is the number of reserved calls of all sessions.
	reservedCount int
	sweptAt       pcommon.Timestamp
	// inFlight holds the unfinished transactions in which a call joined or left, by
	// session.
	inFlight  map[string]*Transaction
	legTraces legTraces

	endedCount atomic.Uint64
}

// New returns an empty registry.
func New() *Registry {
	return &Registry{
		calls: map[Call]*member{}, byTrace: map[pcommon.TraceID]*meeting{}, byJoinID: joinIndex{},
		reserved: map[string]map[Call]*member{}, inFlight: map[string]*Transaction{}, legTraces: newLegTraces(),
	}
}

// ReservationLifetime is how long a call keeps its reservation, from the staging of its
// records. If they are refused, a Call Bridge normally sends them again much earlier.
const ReservationLifetime = 10 * time.Minute

// These limit the reserved calls of a session and of all sessions, because clients choose the
// sessions, and the memory of a reservation is not part of the budget. A call above a limit
// joins no meeting.
const (
	maxReserved      = 1 << 14
	maxReservedTotal = 1 << 16
)

// expired reports whether the call is only reserved, and its records were not sent
// again within ReservationLifetime.
func (m *member) expired(now pcommon.Timestamp) bool {
	return m.commitOrder == 0 && m.stagedBy == nil && m.reservedAt+pcommon.Timestamp(ReservationLifetime) < now
}

// sweep removes expired reservations, at most once a minute.
func (r *Registry) sweep(now pcommon.Timestamp) {
	if now < r.sweptAt+pcommon.Timestamp(time.Minute) {
		return
	}
	r.sweptAt = now
	for _, calls := range r.reserved {
		for _, m := range calls {
			if m.expired(now) {
				r.removeMember(m)
			}
		}
	}
}

// addMember adds the call to its meeting.
func (r *Registry) addMember(m *member) {
	r.calls[m.call] = m
	m.meeting.members[m.call] = m
	r.byTrace[m.meeting.trace] = m.meeting
}

// removeMember removes the call from its meeting, and the meeting from the registry if it has
// no other call, committed or reserved.
func (r *Registry) removeMember(m *member) {
	r.unreserve(m.call)
	delete(r.calls, m.call)
	delete(m.meeting.members, m.call)
	if len(m.meeting.members) > 0 {
		return
	}
	r.byJoinID.remove(m.meeting)
	if r.byTrace[m.meeting.trace] == m.meeting {
		delete(r.byTrace, m.meeting.trace)
	}
}

// reserve adds the call to the reserved ones.
func (r *Registry) reserve(m *member) {
	if r.reserved[m.call.Session] == nil {
		r.reserved[m.call.Session] = map[Call]*member{}
	}
	r.reserved[m.call.Session][m.call] = m
	r.reservedCount++
}

// unreserve removes the call from the reserved ones.
func (r *Registry) unreserve(call Call) {
	if r.reserved[call.Session][call] == nil {
		return
	}
	delete(r.reserved[call.Session], call)
	r.reservedCount--
	if len(r.reserved[call.Session]) == 0 {
		delete(r.reserved, call.Session)
	}
}

func (r *Registry) newMeeting(key string, trace pcommon.TraceID) *meeting {
	r.lastOrder++
	return &meeting{key: key, trace: trace, order: r.lastOrder, members: map[Call]*member{}}
}

// MergeOngoing merges the departures from each meeting that has a committed call, and
// removes the others. It changes the slice and its elements in place, and keeps their order.
func (r *Registry) MergeOngoing(departures []Departure) []Departure {
	r.mu.Lock()
	defer r.mu.Unlock()
	merged, positions := departures[:0], make(map[pcommon.TraceID]int, len(departures))
	for _, d := range departures {
		meeting := r.byTrace[d.Trace]
		if meeting == nil || meeting.firstCommitted() == nil {
			continue
		}
		if position, exists := positions[d.Trace]; exists {
			merged[position].merge(d)
			continue
		}
		positions[d.Trace] = len(merged)
		merged = append(merged, d)
	}
	clear(departures[len(merged):])
	return merged
}

// EndedCount returns how often the last committed call left a meeting. While it is
// unchanged, no meeting ends.
func (r *Registry) EndedCount() uint64 { return r.endedCount.Load() }

// CallCount returns the number of calls in meetings, including reserved ones.
func (r *Registry) CallCount() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.calls)
}
