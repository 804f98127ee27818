package translate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// eventSnapshot is the event name of a snapshot. Loki up to 3.7 does not show event names,
// so the attribute cisco.cms.event also identifies a snapshot.
const eventSnapshot = "cisco.cms.call.snapshot"

// The legs in a snapshot are limited in number, and in bytes so that the snapshot fits in
// a payload. An attribute has the number of all legs.
const (
	maxSnapshotLegs  = 500
	maxSnapshotBytes = MaxPayload * 3 / 4
)

// Snapshots adds snapshots of the first calls, and returns the number of calls that it
// added. It stops after maxSnapshotLegs calls, or after the call with which the legs reach
// that number; that is usually about one payload. A caller delivers them before it adds
// more, so that memory does not grow with the number of open calls.
func (l *Logs) Snapshots(calls []correlate.Snapshot) (n int) {
	for legs := 0; n < len(calls) && n < maxSnapshotLegs && legs < maxSnapshotLegs; n++ {
		l.snapshot(&calls[n])
		legs += len(calls[n].Legs)
	}
	return n
}

func (l *Logs) snapshot(call *correlate.Snapshot) {
	at := l.observedAt.AsTime()
	out := l.appendRecord(at, plog.SeverityNumberInfo, eventSnapshot)
	uid := l.session + "/snapshot/" + call.Call.ID + "/" + at.Format(time.RFC3339Nano)
	l.entries = append(l.entries, entry{uid: uid})
	out.SetTraceID(call.Call.Trace)
	out.SetSpanID(call.Span)
	participants := 0
	for _, leg := range call.Legs {
		if correlate.RoleOf(leg) == correlate.RoleParticipant {
			participants++
		}
	}
	a := newAttributes()
	a.wholeText("log.record.uid", uid)
	a.text("cisco.cms.event", "snapshot")
	a.text("cisco.cms.session.id", l.session)
	writeCallAttributes(a, call.Call)
	a.int("cisco.cms.call.duration", int64(call.Duration/time.Second))
	a.int("cisco.cms.call.legs.active", int64(len(call.Legs)))
	a.int("cisco.cms.call.participants.active", int64(participants))
	l.writeAttributes(out, a)
	l.maxSize = MaxPayload // so that Payloads determines the exact size; maxSize does not include the legs
	correlate.SortLegs(call.Legs)
	writeLegs(call.Legs, out.Body().SetEmptySlice())
}

// writeLegs writes a map for each leg, within the limits of a snapshot.
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
