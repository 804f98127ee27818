package translate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// eventSnapshot tells who is in a call now. Loki shows no event names, so an attribute
// says that it is one.
const eventSnapshot = "cisco.cms.call.snapshot"

// The legs that a snapshot lists are bounded in number, and in bytes so that it fits
// into any payload; how many there are is an attribute.
const (
	maxSnapshotLegs  = 500
	maxSnapshotBytes = MaxPayload * 3 / 4
)

// Snapshots writes who is in the calls at the time of receipt of the logs, and returns
// for how many of them: each time about as many as fit into a payload, so that memory
// does not grow with what is open.
func (l *Logs) Snapshots(of []correlate.Snapshot) (n int) {
	for legs := 0; n < len(of) && n < maxSnapshotLegs && legs < maxSnapshotLegs; n++ {
		l.snapshot(&of[n])
		legs += len(of[n].Legs)
	}
	return n
}

func (l *Logs) snapshot(of *correlate.Snapshot) {
	at := l.observedAt.AsTime()
	out := l.appendRecord(at, plog.SeverityNumberInfo, eventSnapshot)
	uid := l.session + "/snapshot/" + of.Call.ID + "/" + at.Format(time.RFC3339Nano)
	l.entries = append(l.entries, entry{uid: uid})
	out.SetTraceID(of.Call.Trace)
	out.SetSpanID(of.Span)
	participants := 0
	for _, leg := range of.Legs {
		if correlate.RoleOf(leg) == correlate.RoleParticipant {
			participants++
		}
	}
	a := newAttributes()
	a.wholeText("log.record.uid", uid)
	a.text("cisco.cms.event", "snapshot")
	a.text("cisco.cms.session.id", l.session)
	writeCallAttributes(a, of.Call)
	a.int("cisco.cms.call.duration", int64(of.Duration/time.Second))
	a.int("cisco.cms.call.legs.active", int64(len(of.Legs)))
	a.int("cisco.cms.call.participants.active", int64(participants))
	l.writeAttributes(out, a)
	l.maxSize = MaxPayload // the exact size tells: legs are not counted
	correlate.SortLegs(of.Legs)
	writeLegs(of.Legs, out.Body().SetEmptySlice())
}

// writeLegs writes a map for each leg that there is room for.
func writeLegs(legs []*correlate.Leg, into pcommon.Slice) {
	legs = legs[:min(len(legs), maxSnapshotLegs)]
	into.EnsureCapacity(len(legs))
	bytes := 0
	for _, leg := range legs {
		a := newAttributes()
		state, since := leg.State()
		a.text("id", leg.ID)
		a.text("displayName", leg.DisplayName)
		a.text("remoteParty", leg.RemoteParty)
		a.text("direction", leg.Direction)
		a.text("role", correlate.RoleOf(leg))
		a.text("state", string(state))
		if since != 0 {
			a.text("since", since.AsTime().Format(time.RFC3339))
		}
		if bytes += a.encodedSize(); bytes > maxSnapshotBytes {
			return
		}
		a.writeTo(into.AppendEmpty().SetEmptyMap())
	}
}
