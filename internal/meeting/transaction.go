package meeting

import (
	"cmp"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Transaction is what the records of a document, or the time, would change in
// meetings. It ends with Commit or Drop; a session has one at a time, and the
// next one drops what was neither.
type Transaction struct {
	registry *Registry
	session  string
	source   string
	now      pcommon.Timestamp
	steps    []step
}

// step is a call that joins or leaves.
type step struct {
	of        *member
	leaves    bool
	departure Departure
}

// Joining is a call that begins.
type Joining struct {
	ID string
	// Correlator and CoSpace are what calls of one meeting share. A call with
	// neither is a meeting that no other joins.
	Correlator, CoSpace string
	// Trace is that of the call, if it is the first.
	Trace pcommon.TraceID
	Start pcommon.Timestamp
}

// Place is the meeting that a call is in.
type Place struct {
	// Key is the correlator of the meeting's first call, or its coSpace where it
	// has none.
	Key   string
	Trace pcommon.TraceID
}

// Departure is what a call's leaving means.
type Departure struct {
	// Shared: the meeting was on several Call Bridges, so it has a span.
	Shared bool
	// Last: no call is in it any more, and this departure carries that span.
	Last bool
	// Key, Trace, Start and End are those of the meeting, the end as far as it is
	// known.
	Key        string
	Trace      pcommon.TraceID
	Start, End pcommon.Timestamp
}

// Count is a change of the number of meetings that are counted at a source.
type Count struct {
	Source         string
	Active, Starts int64
}

// Begin starts a transaction of the session. The source is its Call Bridge, now
// the receiver's time.
func (r *Registry) Begin(session, source string, now pcommon.Timestamp) *Transaction {
	return &Transaction{registry: r, session: session, source: source, now: now}
}

// hold locks the registry for the transaction, and drops one that the session
// left behind.
func (t *Transaction) hold() (unlock func()) {
	r := t.registry
	r.mu.Lock()
	if before := r.inFlight[t.session]; before != t {
		if before != nil {
			before.drop()
		}
		r.inFlight[t.session] = t
	}
	r.sweep(t.now)
	return r.mu.Unlock
}

// Join reserves the call's place in the open meeting of its names, or in a new
// one. Told again, the place is the same.
func (t *Transaction) Join(j Joining) Place {
	defer t.hold()()
	r, call := t.registry, Call{Session: t.session, ID: j.ID}
	m := r.calls[call]
	if m != nil && m.lapsed(t.now) {
		r.remove(m)
		m = nil
	}
	if m == nil {
		if len(r.reserved[t.session]) >= maxReserved {
			return Place{Key: cmp.Or(j.Correlator, j.CoSpace), Trace: j.Trace}
		}
		m = &member{call: call, of: t.meetingOf(j), source: t.source, start: j.Start}
		r.enter(m)
		r.reserve(m)
	}
	if m.committed == 0 {
		m.reserved = t.now
	}
	if m.committed == 0 && m.staged != t || m.leaving {
		m.staged, m.leaving = t, false
		t.steps = append(t.steps, step{of: m})
	}
	return Place{Key: m.of.key, Trace: m.of.trace}
}

func (t *Transaction) meetingOf(j Joining) *meeting {
	r, names := t.registry, namesOf(j)
	of := r.open.find(names, t.source, t)
	if of == nil {
		of = r.newMeeting(cmp.Or(j.Correlator, j.CoSpace), j.Trace)
	}
	r.open.add(of, names, t.source, t)
	return of
}

// Leave previews that a call, which ended then, leaves its meeting.
func (t *Transaction) Leave(id string, ended pcommon.Timestamp) Departure {
	defer t.hold()()
	m := t.registry.calls[Call{Session: t.session, ID: id}]
	if m == nil || m.leaving || m.committed == 0 && m.staged != t {
		return Departure{}
	}
	departure := m.of.leave(m, ended)
	t.steps = append(t.steps, step{of: m, leaves: true, departure: departure})
	return departure
}

// Drop takes back what was previewed. Reservations stay for a while, for the
// records to come again.
func (t *Transaction) Drop() {
	t.registry.mu.Lock()
	defer t.registry.mu.Unlock()
	t.drop()
}

func (t *Transaction) drop() {
	for _, s := range t.steps {
		s.of.staged = nil
		s.of.of.stay(s.of)
	}
	t.end()
}

func (t *Transaction) end() {
	t.steps = nil
	if t.registry.inFlight[t.session] == t {
		delete(t.registry.inFlight, t.session)
	}
}

// Commit makes the steps true, in their order, and returns what they change in
// the numbers of meetings. moved are the session's calls that another source had
// before.
func (t *Transaction) Commit(moved []string) (counts []Count) {
	t.registry.mu.Lock()
	defer t.registry.mu.Unlock()
	for _, id := range moved {
		if m := t.registry.calls[Call{Session: t.session, ID: id}]; m != nil && m.source != t.source {
			if m.of.home == m {
				counts = append(counts, Count{Source: m.source, Active: -1}, Count{Source: t.source, Active: 1})
			}
			m.source = t.source
		}
	}
	for _, s := range t.steps {
		if s.leaves {
			counts = append(counts, t.registry.depart(s.of, s.departure)...)
		} else {
			counts = append(counts, t.registry.arrive(s.of)...)
		}
	}
	t.end()
	return counts
}

// arrive commits a call's place in its meeting.
func (r *Registry) arrive(m *member) []Count {
	of := m.of
	r.confirm(m.call)
	r.enter(m) // it may have left and come back in one transaction
	r.order++
	m.committed, m.staged = r.order, nil
	of.start = earlier(of.start, m.start)
	of.settle()
	if of.home != nil {
		return nil
	}
	of.home = m
	count := Count{Source: m.source, Active: 1}
	if !of.counted {
		of.counted, count.Starts = true, 1
	}
	return []Count{count}
}

// depart commits that a call left its meeting.
func (r *Registry) depart(m *member, as Departure) (counts []Count) {
	of := m.of
	of.shared, of.told = of.shared || as.Shared, of.told || as.Last
	of.start, of.end = earlier(of.start, m.start), max(of.end, m.ended)
	if of.carrier == m {
		of.carrier = nil
	}
	r.remove(m)
	if of.home != m {
		return nil
	}
	of.home = of.eldest()
	counts = append(counts, Count{Source: m.source, Active: -1})
	if of.home != nil {
		counts = append(counts, Count{Source: of.home.source, Active: 1})
	}
	return counts
}
