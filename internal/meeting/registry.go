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
	// known are the meetings that have members.
	known map[identity]*meeting
	// pending are those of them whose document was not accepted yet, and when it
	// came last, by session.
	pending map[string]map[Call]pcommon.Timestamp
	legs    whereabouts
}

// New returns a registry without meetings.
func New() *Registry {
	return &Registry{
		open: map[string]*meeting{}, calls: map[Call]*member{}, known: map[identity]*meeting{}, pending: map[string]map[Call]pcommon.Timestamp{},
		legs: newWhereabouts(),
	}
}

// Call is one Call Bridge's share of a meeting: a call's GUID and its session.
type Call struct{ Session, ID string }

// Joining is a call that wants to be in a meeting.
type Joining struct {
	Call Call
	// Source is the Call Bridge. A Call Bridge has one call in a meeting: another
	// one is another meeting.
	Source     string
	Correlator string
	// Trace is that of the call, if it is the first.
	Trace pcommon.TraceID
	Start pcommon.Timestamp
}

// meeting is calls of one correlator that overlapped, as seen on arrival.
type meeting struct {
	correlator string
	trace      pcommon.TraceID
	start, end pcommon.Timestamp
	// present are the calls that have not left, with their sources. The last one to
	// leave, last, owns the meeting's span.
	present map[Call]string
	last    Call
	// shared: two calls were in it at the same time.
	shared bool
	// told: its span was exported, before a restart of the receiver.
	told bool
	// members are the calls that were not forgotten.
	members map[Call]struct{}
}

// identity of a meeting: a correlator can have several, one after the other.
type identity struct {
	correlator string
	trace      pcommon.TraceID
}

// enter makes the call a member of the meeting.
func (r *Registry) enter(call Call, source string, of *meeting) {
	of.present[call] = source
	of.members[call] = struct{}{}
	r.calls[call] = &member{of: of}
	r.known[identity{of.correlator, of.trace}] = of
}

func newMeeting(first Joining) *meeting {
	return &meeting{
		correlator: first.Correlator, trace: first.Trace, start: first.Start,
		present: map[Call]string{}, members: map[Call]struct{}{},
	}
}

// member is a call's membership.
type member struct {
	of   *meeting
	left bool
}

// maxPending bounds the calls of a session that were told of and not accepted:
// more than a document can have. Beyond it calls are in no meeting.
const maxPending = 1 << 16

// Join puts a call into the meeting of its correlator, and returns the meeting's
// trace: that of the call if it is the first. now is the receiver's time.
func (r *Registry) Join(j Joining, now pcommon.Timestamp) pcommon.TraceID {
	r.mu.Lock()
	defer r.mu.Unlock()
	pending := r.pending[j.Call.Session]
	if m := r.calls[j.Call]; m != nil {
		if _, is := pending[j.Call]; is {
			pending[j.Call] = now
		}
		return m.of.trace
	}
	if len(pending) >= maxPending {
		return j.Trace
	}
	of := r.open[j.Correlator]
	if of == nil || of.has(j.Source) {
		of = newMeeting(j)
		r.open[j.Correlator] = of
	}
	of.shared = of.shared || len(of.present) > 0
	of.start = min(of.start, j.Start)
	r.enter(j.Call, j.Source, of)
	if pending == nil {
		pending = map[Call]pcommon.Timestamp{}
		r.pending[j.Call.Session] = pending
	}
	pending[j.Call] = now
	return of.trace
}

// has reports whether the Call Bridge has a call in the meeting.
func (m *meeting) has(source string) bool {
	for _, of := range m.present {
		if of == source {
			return true
		}
	}
	return false
}

// settle notes that nothing of the call is pending.
func (r *Registry) settle(call Call) {
	pending := r.pending[call.Session]
	delete(pending, call)
	if len(pending) == 0 {
		delete(r.pending, call.Session)
	}
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
		Shared: of.shared, Last: of.last == call && !of.told,
		Correlator: of.correlator, Trace: of.trace, Start: of.start, End: of.end,
	}
}

// Confirm notes that the document that told of the call's start was accepted.
func (r *Registry) Confirm(call Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settle(call)
}

// Forget notes that what told of the call's end was accepted.
func (r *Registry) Forget(call Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.calls[call]; m != nil {
		delete(r.calls, call)
		delete(m.of.members, call)
		if k := (identity{m.of.correlator, m.of.trace}); len(m.of.members) == 0 && r.known[k] == m.of {
			delete(r.known, k)
		}
	}
	r.settle(call)
}

// Abandoned are the session's calls that were told of and not accepted, the
// last time before then: their records are lost, and they would be in their
// meetings for ever.
func (r *Registry) Abandoned(session string, before pcommon.Timestamp) (calls []Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for call, told := range r.pending[session] {
		if told < before {
			calls = append(calls, call)
		}
	}
	return calls
}

// Matters reports whether there is a call in the meeting, or one that left it and
// whose end was not accepted yet.
func (r *Registry) Matters(correlator string, trace pcommon.TraceID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[identity{correlator, trace}] != nil
}

// Count is the number of calls in meetings.
func (r *Registry) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.calls)
}
