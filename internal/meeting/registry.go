package meeting

import (
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Registry is safe for concurrent use. It holds the calls that are open and those
// that are reserved, so what it holds is bounded by what the sessions hold and by
// maxReserved for each of them.
type Registry struct {
	mu        sync.Mutex
	lastOrder uint64
	calls     map[Call]*member
	// byTrace are the meetings that have members.
	byTrace map[pcommon.TraceID]*meeting
	byName  nameIndex
	// reserved are the calls that are not committed, by session; swept is when
	// those that lapsed were looked for last.
	reserved map[string]map[Call]*member
	sweptAt  pcommon.Timestamp
	// inFlight are the transactions that hold previews or reservations, by session.
	inFlight  map[string]*Transaction
	legTraces legTraces
}

// New returns a registry without meetings.
func New() *Registry {
	return &Registry{
		calls: map[Call]*member{}, byTrace: map[pcommon.TraceID]*meeting{}, byName: nameIndex{},
		reserved: map[string]map[Call]*member{}, inFlight: map[string]*Transaction{}, legTraces: newLegTraces(),
	}
}

// Reserved is how long a call keeps its place in a meeting after its records were
// refused: a Call Bridge sends them again well before.
const ReservationLifetime = 10 * time.Minute

// maxReserved bounds the reserved calls of a session. Beyond it a call is in no
// meeting.
const maxReserved = 1 << 16

// lapsed: the call is only reserved, and its records did not come again.
func (m *member) expired(now pcommon.Timestamp) bool {
	return m.commitOrder == 0 && m.stagedBy == nil && m.reservedAt+pcommon.Timestamp(ReservationLifetime) < now
}

// sweep forgets, once a minute, the reservations that lapsed.
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

// enter makes the call a member.
func (r *Registry) addMember(m *member) {
	r.calls[m.call] = m
	m.meeting.members[m.call] = m
	r.byTrace[m.meeting.trace] = m.meeting
}

// remove takes the call out of its meeting, which ends if it was the last.
func (r *Registry) removeMember(m *member) {
	r.unreserve(m.call)
	delete(r.calls, m.call)
	delete(m.meeting.members, m.call)
	if len(m.meeting.members) > 0 {
		return
	}
	r.byName.remove(m.meeting)
	if r.byTrace[m.meeting.trace] == m.meeting {
		delete(r.byTrace, m.meeting.trace)
	}
}

// reserve holds the call's place.
func (r *Registry) reserve(m *member) {
	if r.reserved[m.call.Session] == nil {
		r.reserved[m.call.Session] = map[Call]*member{}
	}
	r.reserved[m.call.Session][m.call] = m
}

// confirm notes that the call is reserved no longer.
func (r *Registry) unreserve(call Call) {
	delete(r.reserved[call.Session], call)
	if len(r.reserved[call.Session]) == 0 {
		delete(r.reserved, call.Session)
	}
}

func (r *Registry) newMeeting(key string, trace pcommon.TraceID) *meeting {
	r.lastOrder++
	return &meeting{key: key, trace: trace, order: r.lastOrder, members: map[Call]*member{}}
}

// Matters reports whether a call is in the meeting of that trace.
func (r *Registry) HasCalls(trace pcommon.TraceID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	meeting := r.byTrace[trace]
	return meeting != nil && meeting.firstCommitted() != nil
}

// Count is the number of calls in meetings, reserved ones included.
func (r *Registry) CallCount() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.calls)
}
