package meeting

import "go.opentelemetry.io/collector/pdata/pcommon"

// Call is one Call Bridge's share of a meeting: a call's GUID and its session.
type Call struct{ Session, ID string }

// meeting is calls that overlapped, as seen on arrival. The registry's lock
// guards it.
type meeting struct {
	// key is the first call's correlator, or its coSpace where it has none. It
	// names the meeting's span.
	key   string
	trace pcommon.TraceID
	// born orders meetings by age.
	order uint64
	// names are those of its calls, by which others find it.
	names []name
	// start and end are those of the calls that were committed; the end is that of
	// those that left.
	start, end pcommon.Timestamp
	members    map[Call]*member
	// shared: two calls were in it at the same time, so it has a span.
	shared bool
	// carrier is the member whose departure carries that span and is not committed
	// yet; told: such a departure was committed.
	spanOwner     *member
	spanCommitted bool
	// home is the member at whose source the meeting is counted, nil while no call
	// is committed; counted: it was counted as started.
	countedMember *member
	startCounted  bool
}

// member is a call's membership.
type member struct {
	call    Call
	meeting *meeting
	source  string
	start   pcommon.Timestamp
	// committed orders members by their commit; zero: the call is only reserved.
	commitOrder uint64
	// reserved is when the call was staged last.
	reservedAt pcommon.Timestamp
	// staged is the transaction in flight that holds the call as reserved.
	stagedBy *Transaction
	// leaving: a transaction in flight takes it out, as ended then. shared is what
	// that transaction was told of the meeting.
	leaving bool
	endTime pcommon.Timestamp
	shared  bool
}

// present: the call is committed, and no transaction takes it out.
func (m *member) present() bool { return m.commitOrder != 0 && !m.leaving }

// any reports whether a member other than that one is so.
func (of *meeting) anyMember(except *member, is func(*member) bool) bool {
	for _, m := range of.members {
		if m != except && is(m) {
			return true
		}
	}
	return false
}

// joinable reports whether a call that is not about to leave is in the meeting,
// committed or reserved, and none of the source: a Call Bridge has one call in a
// meeting.
func (of *meeting) joinable(source string, by *Transaction) bool {
	open := of.anyMember(nil, func(m *member) bool { return !m.leaving && !m.expired(by.now) })
	return open && !of.hasCallOf(source, by)
}

// has reports whether the source has a call in the meeting. A call that was
// reserved by another transaction does not count: had that not been refused and
// given up, its records would come first.
func (of *meeting) hasCallOf(source string, by *Transaction) bool {
	return of.anyMember(nil, func(m *member) bool {
		return m.source == source && !m.leaving && (m.commitOrder != 0 || m.stagedBy == by)
	})
}

// leave previews the departure of the member.
//
// Deliveries run at the same time, so that each of two last members may see the
// other as present or as leaving. The span has one carrier all the same. The
// preview that finds every other committed member leaving claims the span, unless
// another holds the claim; a drop gives the claim back, and a commit makes it
// final. So two never carry it. And one always does: of the previews by which the
// members really leave, the latest finds all others leaving or left, and carries
// the span if no other one of these previews does. Where a member that was leaving
// is refused after the carrier was accepted, its end is in the span already, as
// its record was received, and comes again.
//
// A call that is only reserved holds up no span. It makes a meeting shared only
// if it overlaps a present call and leaves in the transaction that brought it; a
// preview of that call sees this one's, so that both say the same.
func (of *meeting) previewLeave(m *member, ended pcommon.Timestamp) Departure {
	m.leaving, m.endTime = true, ended
	m.shared = of.shared || of.anyMember(m, func(other *member) bool { return other.present() || other.leaving && other.shared })
	d := Departure{
		Shared: m.shared, Key: of.key, Trace: of.trace,
		Start: earlier(of.start, m.start), End: max(of.end, ended),
	}
	d.EndsMeeting = m.shared && !of.spanCommitted && of.spanOwner == nil && !of.anyMember(m, (*member).present)
	if d.EndsMeeting {
		of.spanOwner = m
		for _, other := range of.members {
			if other.leaving {
				d.Start, d.End = earlier(d.Start, other.start), max(d.End, other.endTime)
			}
		}
	}
	return d
}

// stay takes the preview of a departure back.
func (of *meeting) cancelLeave(m *member) {
	m.leaving, m.shared = false, false
	if of.spanOwner == m {
		of.spanOwner = nil
	}
	of.updateShared()
}

// settle notes whether two calls are in the meeting. One that is about to leave
// was told that it was alone, and is counted again if it stays.
func (of *meeting) updateShared() {
	n := 0
	for _, m := range of.members {
		if m.present() {
			n++
		}
	}
	of.shared = of.shared || n > 1
}

// eldest is the member that was committed first, nil if none is.
func (of *meeting) firstCommitted() (first *member) {
	for _, m := range of.members {
		if m.commitOrder != 0 && (first == nil || m.commitOrder < first.commitOrder) {
			first = m
		}
	}
	return first
}

// earlier is the earlier of two times, of which zero is none.
func earlier(a, b pcommon.Timestamp) pcommon.Timestamp {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}
