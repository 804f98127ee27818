package meeting

import (
	"cmp"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Transaction stages the calls that join or leave meetings because of records or of a
// scan. It ends with Commit or Drop. A session has one transaction at a time; the next
// one drops an unfinished one.
type Transaction struct {
	registry *Registry
	session  string
	source   string
	now      pcommon.Timestamp
	// progress is that of the session. Commit sets it to newProgress if a record was received
	// since the restart. It is nil if SetProgress was not called.
	progress    *Progress
	newProgress Progress
	steps       []step
}

// step is a call that joins or leaves.
type step struct {
	member    *member
	leaves    bool
	departure Departure
}

// JoinRequest describes a call that begins.
type JoinRequest struct {
	ID string
	// The calls of a meeting share the Correlator or the CoSpace. A call with neither
	// is a meeting that no other call joins.
	Correlator, CoSpace string
	// Trace is the trace of the meeting if the call is its first.
	Trace pcommon.TraceID
	Start pcommon.Timestamp
}

// MeetingRef identifies the meeting of a call.
type MeetingRef struct {
	// Key is the correlator of the meeting's first call, or its coSpace if it has no
	// correlator.
	Key   string
	Trace pcommon.TraceID
}

// Departure is the result of a call leaving its meeting.
type Departure struct {
	// Shared is set if another call was in the meeting when this call, or an earlier
	// one, left. The meeting then has a span.
	Shared bool
	// EndsMeeting is set if the call was the last one, and this departure carries the
	// meeting's span.
	EndsMeeting bool
	// Key, Trace, Start and End are those of the meeting. End is the latest end of a
	// call so far.
	Key        string
	Trace      pcommon.TraceID
	Start, End pcommon.Timestamp
	// KeyIsCoSpace is set if EndsMeeting is, and Key is not a correlator. It is not set if all
	// calls of that coSpace left before a restart.
	KeyIsCoSpace bool
}

// merge adds another departure from the same meeting.
func (d *Departure) merge(other Departure) {
	d.Shared, d.EndsMeeting = d.Shared || other.Shared, d.EndsMeeting || other.EndsMeeting
	d.Start, d.End = Earlier(d.Start, other.Start), max(d.End, other.End)
	d.KeyIsCoSpace = d.KeyIsCoSpace || other.KeyIsCoSpace
}

// CountChange is a change in the number of meetings that are counted at a source.
// Active is added to the meetings that are active, Starts to those that started.
type CountChange struct {
	Source         string
	Active, Starts int64
}

// Begin starts a transaction of the session. source is the instance of the session's
// source, and now is the time by the clock of the receiver.
func (r *Registry) Begin(session, source string, now pcommon.Timestamp) *Transaction {
	return &Transaction{registry: r, session: session, source: source, now: now}
}

// SetProgress sets the progress of the session. All its calls share it, and Commit changes it.
func (t *Transaction) SetProgress(progress *Progress) { t.progress = progress }

// Advance stages the progress of the session: the time of its latest record, and when that was
// received.
func (t *Transaction) Advance(latest, received pcommon.Timestamp) {
	t.newProgress = Progress{latest: latest, received: received}
}

// lock locks the registry. It makes t the session's transaction, and drops the previous
// one if that is unfinished. It removes expired reservations at most once a minute.
func (t *Transaction) lock() (unlock func()) {
	r := t.registry
	r.mu.Lock()
	if previous := r.inFlight[t.session]; previous != t {
		if previous != nil {
			previous.drop()
		}
		r.inFlight[t.session] = t
	}
	r.sweep(t.now)
	return r.mu.Unlock
}

// Join reserves a place for the call in the open meeting with its correlator or coSpace,
// or in a new one. For a call that already joined it returns the same meeting. Above a
// limit of reserved calls it returns a meeting that is not registered. It keeps the
// request's strings.
func (t *Transaction) Join(request JoinRequest) MeetingRef {
	defer t.lock()()
	r, call := t.registry, Call{Session: t.session, ID: request.ID}
	m := r.calls[call]
	if m == nil {
		if len(r.reserved[t.session]) >= maxReserved || r.reservedCount >= maxReservedTotal {
			return MeetingRef{Key: cmp.Or(request.Correlator, request.CoSpace), Trace: request.Trace}
		}
		m = &member{call: call, meeting: t.meetingFor(request), source: t.source, start: request.Start, progress: t.progress}
		r.addMember(m)
		r.reserve(m)
	}
	if m.commitOrder == 0 {
		m.reservedAt, m.source = t.now, t.source // the source may be determined again for a resend
	}
	if m.commitOrder == 0 && m.stagedBy != t || m.leaving {
		m.stagedBy, m.leaving = t, false
		t.steps = append(t.steps, step{member: m})
	}
	return MeetingRef{Key: m.meeting.key, Trace: m.meeting.trace}
}

// meetingFor returns the meeting that a call joins, a new one if there is none.
func (t *Transaction) meetingFor(request JoinRequest) *meeting {
	r, ids := t.registry, joinIDsOf(request)
	mtg := r.byJoinID.find(ids, &request, t)
	if mtg == nil {
		mtg = r.newMeeting(cmp.Or(request.Correlator, request.CoSpace), request.Trace)
	}
	r.byJoinID.add(mtg, ids, t.source, t)
	return mtg
}

// Leave stages the departure of a call that ended at the given time. The result is zero
// if the call is in no meeting, is already leaving, or was only reserved by another
// transaction.
func (t *Transaction) Leave(id string, ended pcommon.Timestamp) Departure {
	defer t.lock()()
	m := t.registry.calls[Call{Session: t.session, ID: id}]
	if m == nil || m.leaving || m.commitOrder == 0 && m.stagedBy != t {
		return Departure{}
	}
	departure := m.meeting.stageLeave(m, ended)
	t.steps = append(t.steps, step{member: m, leaves: true, departure: departure})
	return departure
}

// Drop reverts the departures. Reservations are kept for ReservationLifetime, because
// the records will be sent again.
func (t *Transaction) Drop() {
	t.registry.mu.Lock()
	defer t.registry.mu.Unlock()
	t.drop()
}

func (t *Transaction) drop() {
	for _, s := range t.steps {
		s.member.stagedBy = nil
		s.member.meeting.cancelLeave(s.member)
	}
	t.finish()
}

func (t *Transaction) finish() {
	t.steps = nil
	if t.registry.inFlight[t.session] == t {
		delete(t.registry.inFlight, t.session)
	}
}

// Commit applies the steps in order and returns the changes in the number of meetings.
// moved are the calls of a session that moved to another source; a meeting that was
// counted at the old source because of one of them is then counted at the new one.
func (t *Transaction) Commit(moved []string) (counts []CountChange) {
	t.registry.mu.Lock()
	defer t.registry.mu.Unlock()
	for _, id := range moved {
		if m := t.registry.calls[Call{Session: t.session, ID: id}]; m != nil && m.source != t.source {
			if m.meeting.countedMember == m {
				counts = append(counts, CountChange{Source: m.source, Active: -1}, CountChange{Source: t.source, Active: 1})
			}
			m.source = t.source
		}
	}
	if t.progress != nil && t.newProgress.received != 0 { // zero: no record since the restart
		*t.progress = t.newProgress
	}
	for _, s := range t.steps {
		if s.leaves {
			counts = append(counts, t.registry.commitLeave(s.member, s.departure)...)
		} else {
			counts = append(counts, t.registry.commitJoin(s.member)...)
		}
	}
	t.finish()
	return counts
}

// commitJoin commits the membership of a call and returns the changes in the counts.
func (r *Registry) commitJoin(m *member) []CountChange {
	meeting := m.meeting
	r.unreserve(m.call)
	r.addMember(m) // it may have left and joined again in one transaction
	r.byJoinID.add(meeting, meeting.joinIDs, m.source, nil)
	r.lastOrder++
	m.commitOrder, m.stagedBy = r.lastOrder, nil
	meeting.start = Earlier(meeting.start, m.start)
	if meeting.countedMember != nil {
		return nil
	}
	meeting.countedMember = m
	count := CountChange{Source: m.source, Active: 1}
	if !meeting.startCounted {
		meeting.startCounted, count.Starts = true, 1
	}
	return []CountChange{count}
}

// commitLeave commits the departure of a call and returns the changes in the counts.
func (r *Registry) commitLeave(m *member, departure Departure) (counts []CountChange) {
	meeting := m.meeting
	meeting.shared, meeting.spanCommitted = meeting.shared || departure.Shared, meeting.spanCommitted || departure.EndsMeeting
	meeting.start, meeting.end = Earlier(meeting.start, m.start), max(meeting.end, m.endTime)
	if meeting.spanOwner == m {
		meeting.spanOwner = nil
	}
	r.removeMember(m)
	remaining := meeting.firstCommitted()
	if remaining == nil {
		r.endedCount.Add(1)
	}
	if meeting.countedMember != m {
		return nil
	}
	meeting.countedMember = remaining
	counts = append(counts, CountChange{Source: m.source, Active: -1})
	if meeting.countedMember != nil {
		counts = append(counts, CountChange{Source: meeting.countedMember.source, Active: 1})
	}
	return counts
}
