package meeting

import (
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Call identifies one Call Bridge's part of a meeting by its session and the call's
// GUID.
type Call struct{ Session, ID string }

// meeting is a set of calls. Each of them except the first joined while another one was
// open according to the records received until then. The registry's lock guards it.
type meeting struct {
	// key is the first call's correlator, or its coSpace if it has no correlator. The
	// meeting's span id is derived from it and the trace id.
	key   string
	trace pcommon.TraceID
	// order is lower for an older meeting.
	order uint64
	// joinIDs are those of its calls, by which other calls find it.
	joinIDs []joinID
	// start is the earliest start of the committed calls, end the latest end of those
	// that left; zero if there is none.
	start, end pcommon.Timestamp
	members    map[Call]*member
	// shared is set once a call left while another one was in the meeting. The meeting
	// then has a span.
	shared bool
	// spanOwner is the member whose departure carries that span and is not committed
	// yet; nil if there is none. spanCommitted is set once such a departure was
	// committed.
	spanOwner     *member
	spanCommitted bool
	// countedMember is the member at whose source the meeting is counted, nil if no
	// call is committed; startCounted is set once the meeting was counted as started.
	countedMember *member
	startCounted  bool
}

// member is the membership of a call in a meeting.
type member struct {
	call    Call
	meeting *meeting
	source  string
	start   pcommon.Timestamp
	// progress is that of the call's session.
	progress *Progress
	// commitOrder is lower for a call that was committed earlier; zero while the call
	// is only reserved.
	commitOrder uint64
	// reservedAt is when the call was reserved, or last reserved again, such as for a resend;
	// zero if the call was restored.
	reservedAt pcommon.Timestamp
	// stagedBy is the transaction in flight in which the call joins; nil if there is none.
	stagedBy *Transaction
	// leaving is set while a transaction in flight takes the call out of the meeting,
	// at endTime. shared is set if that transaction considers the meeting shared.
	leaving bool
	endTime pcommon.Timestamp
	shared  bool
}

// present reports whether the call is committed and not leaving.
func (m *member) present() bool { return m.commitOrder != 0 && !m.leaving }

// anyMember reports whether the condition holds for a member other than except.
func (mtg *meeting) anyMember(except *member, condition func(*member) bool) bool {
	for _, m := range mtg.members {
		if m != except && condition(m) {
			return true
		}
	}
	return false
}

// joinable reports whether a call of t's source can join the meeting. The meeting must have a
// call, committed or reserved, that is neither leaving nor expired, and no call of the source,
// because a Call Bridge has one call in a meeting. Calls of a coSpace must overlap; the
// correlator of a call without a coSpace belongs to one meeting only.
func (mtg *meeting) joinable(request *JoinRequest, t *Transaction) bool {
	open := mtg.anyMember(nil, func(m *member) bool {
		return !m.leaving && !m.expired(t.now) && (request.CoSpace == "" || m.mayOverlap(request.Start, t.now))
	})
	return open && !mtg.hasCallOf(t.source, t)
}

// hasCallOf reports whether the source has a call in the meeting that is not leaving, and
// is committed or staged by t. A call that only another transaction reserved does not
// count: normally that transaction was dropped. A Call Bridge sends refused records again
// before newer ones, such as those of t, so the records of that call are probably lost.
func (mtg *meeting) hasCallOf(source string, t *Transaction) bool {
	return mtg.anyMember(nil, func(m *member) bool {
		return m.source == source && !m.leaving && (m.commitOrder != 0 || t != nil && m.stagedBy == t)
	})
}

// stageLeave stages the departure of the member.
//
// Deliveries run concurrently, so each of the last two members may find the other
// present or leaving. The meeting's span must still be emitted exactly once. The
// departure that finds every other committed member leaving makes its member the span
// owner, unless there is one. A drop releases the ownership; a commit makes it
// permanent. Therefore at most one departure carries the span. At least one does: of
// the departures that are committed, the one staged last finds that all other committed
// members are leaving or have left, and its member becomes the owner unless one of them
// is or was. If the transaction of a leaving member is dropped after the owner's departure
// was staged, the span still includes that member's end. This is correct, because the
// records that ended the call are sent again, or the scan that closed it is repeated.
//
// A call that is only reserved does not delay the span. It makes the meeting shared
// only if it leaves in the transaction in which it joined, and a committed call is
// present. A later departure considers the shared flag of a leaving member, so both
// departures agree.
func (mtg *meeting) stageLeave(m *member, ended pcommon.Timestamp) Departure {
	m.leaving, m.endTime = true, ended
	m.shared = mtg.shared || mtg.anyMember(m, func(other *member) bool { return other.present() || other.leaving && other.shared })
	d := Departure{
		Shared: m.shared, Key: mtg.key, Trace: mtg.trace,
		Start: Earlier(mtg.start, m.start), End: max(mtg.end, ended),
	}
	d.EndsMeeting = m.shared && !mtg.spanCommitted && mtg.spanOwner == nil && !mtg.anyMember(m, (*member).present)
	if d.EndsMeeting {
		mtg.spanOwner = m
		d.KeyIsCoSpace = slices.Contains(mtg.joinIDs, newJoinID(true, mtg.key))
		for _, other := range mtg.members {
			if other.leaving {
				d.Start, d.End = Earlier(d.Start, other.start), max(d.End, other.endTime)
			}
		}
	}
	return d
}

// cancelLeave reverts a staged departure.
func (mtg *meeting) cancelLeave(m *member) {
	m.leaving, m.shared = false, false
	if mtg.spanOwner == m {
		mtg.spanOwner = nil
	}
}

// firstCommitted returns the member that was committed first, or nil.
func (mtg *meeting) firstCommitted() (first *member) {
	for _, m := range mtg.members {
		if m.commitOrder != 0 && (first == nil || m.commitOrder < first.commitOrder) {
			first = m
		}
	}
	return first
}

// Earlier returns the earlier of two times. Zero means no time.
func Earlier(a, b pcommon.Timestamp) pcommon.Timestamp {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}
