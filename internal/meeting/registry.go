package meeting

import (
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Registry is safe for concurrent use. It holds open calls and what leads to
// them, so what it holds is bounded by what the sessions hold.
type Registry struct {
	mu sync.Mutex
	// open are the meetings that a call can join, by correlator.
	open map[string]*meeting
	// calls are the members of meetings, from Join to Forget.
	calls map[Call]*member
	// pending are those of them whose document was not accepted yet, and when it
	// came last.
	pending map[Call]pcommon.Timestamp
	legs    whereabouts
}

// New returns a registry without meetings.
func New() *Registry {
	return &Registry{
		open: map[string]*meeting{}, calls: map[Call]*member{}, pending: map[Call]pcommon.Timestamp{},
		legs: newWhereabouts(),
	}
}

// Call is one Call Bridge's share of a meeting: a call's GUID and its session.
type Call struct{ Session, ID string }

// meeting is calls of one correlator that overlapped, as seen on arrival.
type meeting struct {
	correlator string
	trace      pcommon.TraceID
	start, end pcommon.Timestamp
	// present are the calls that have not left. The last one to leave, last, owns
	// the meeting's span.
	present map[Call]struct{}
	last    Call
	// shared: two calls were in it at the same time.
	shared bool
}

// member is a call's membership.
type member struct {
	of   *meeting
	left bool
}

// Join puts a call that started then into the meeting of its correlator, and
// returns the meeting's trace: that of the call if it is the first. now is the
// receiver's time.
func (r *Registry) Join(correlator string, call Call, trace pcommon.TraceID, started, now pcommon.Timestamp) pcommon.TraceID {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.calls[call]; m != nil {
		if _, pending := r.pending[call]; pending {
			r.pending[call] = now
		}
		return m.of.trace
	}
	of := r.open[correlator]
	if of == nil {
		of = &meeting{correlator: correlator, trace: trace, start: started, present: map[Call]struct{}{}}
		r.open[correlator] = of
	}
	of.shared = of.shared || len(of.present) > 0
	of.start = min(of.start, started)
	of.present[call] = struct{}{}
	r.calls[call], r.pending[call] = &member{of: of}, now
	return of.trace
}

// Departure is what a call's leaving means.
type Departure struct {
	// Shared: the meeting was on several Call Bridges, so it has a span.
	Shared bool
	// Last: the call was the last one in it, and owns that span.
	Last bool
	// Correlator, Trace, Start and End are those of the meeting, the end as far as
	// it is known.
	Correlator string
	Trace      pcommon.TraceID
	Start, End pcommon.Timestamp
}

// Leave takes a call that ended then out of its meeting.
func (r *Registry) Leave(call Call, ended pcommon.Timestamp) Departure {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.calls[call]
	if m == nil {
		return Departure{}
	}
	of := m.of
	of.end = max(of.end, ended)
	if !m.left {
		m.left = true
		delete(of.present, call)
		if len(of.present) == 0 {
			of.last = call
			if r.open[of.correlator] == of {
				delete(r.open, of.correlator)
			}
		}
	}
	return Departure{
		Shared: of.shared, Last: of.last == call,
		Correlator: of.correlator, Trace: of.trace, Start: of.start, End: of.end,
	}
}

// Confirm notes that the document that told of the call's start was accepted.
func (r *Registry) Confirm(call Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.pending, call)
}

// Forget notes that what told of the call's end was accepted.
func (r *Registry) Forget(call Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.calls, call)
	delete(r.pending, call)
}

// Abandoned are the session's calls that were told of and not accepted, the
// last time before then: their records are lost, and they would be in their
// meetings for ever.
func (r *Registry) Abandoned(session string, before pcommon.Timestamp) (calls []Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for call, told := range r.pending {
		if call.Session == session && told < before {
			calls = append(calls, call)
		}
	}
	return calls
}

// GoesOn reports whether there is still a call in the meeting.
func (r *Registry) GoesOn(correlator string, trace pcommon.TraceID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	of := r.open[correlator]
	return of != nil && of.trace == trace
}

// Count is the number of calls in meetings.
func (r *Registry) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.calls)
}
