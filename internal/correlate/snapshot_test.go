package correlate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestLegState checks the state of a leg after a sequence of records about it, one for
// each second, and the second in which that state began.
func TestLegState(t *testing.T) {
	inCall := cdr.CallLeg{Call: "call"}
	mustConfirm := cdr.CallLeg{Call: "call", ConfirmationStatus: "required"}
	confirmed := cdr.CallLeg{Call: "call", ConfirmationStatus: "confirmed"}
	optionalBool := func(value bool) cdr.Optional[bool] { return cdr.Optional[bool]{Value: value, Present: true} }
	connected := func(leg cdr.CallLeg) *cdr.CallLegUpdate {
		return &cdr.CallLegUpdate{CallLeg: leg, State: "connected"}
	}
	cases := map[string]struct {
		bodies []cdr.Body
		state  LegState
		since  int
	}{
		"ringing":                                         {[]cdr.Body{&cdr.CallLegStart{CallLeg: inCall}, &cdr.CallLegUpdate{CallLeg: inCall}}, "", 0},
		"connected in the call":                           {[]cdr.Body{&cdr.CallLegStart{CallLeg: inCall}, connected(inCall)}, StateJoined, 1},
		"connected before the call":                       {[]cdr.Body{&cdr.CallLegStart{}, connected(cdr.CallLeg{}), connected(inCall)}, StateJoined, 2},
		"activated but not connected":                     {[]cdr.Body{&cdr.CallLegStart{CallLeg: inCall}, &cdr.CallLegUpdate{Deactivated: optionalBool(false)}}, StateJoined, 1},
		"connected, confirmation required":                {[]cdr.Body{&cdr.CallLegStart{CallLeg: mustConfirm}, connected(inCall)}, StateConnected, 1},
		"activated, confirmation required":                {[]cdr.Body{&cdr.CallLegStart{CallLeg: mustConfirm}, &cdr.CallLegUpdate{Deactivated: optionalBool(false)}}, StateConnected, 1},
		"back from the voice menu, confirmation required": {[]cdr.Body{&cdr.CallLegStart{CallLeg: mustConfirm}, connected(inCall), &cdr.CallLegUpdate{IVR: true}, connected(inCall)}, StateConnected, 3},
		"ringing, confirmation required":                  {[]cdr.Body{&cdr.CallLegStart{CallLeg: mustConfirm}}, "", 0},
		"confirmed":                                       {[]cdr.Body{&cdr.CallLegStart{CallLeg: mustConfirm}, connected(inCall), connected(confirmed)}, StateJoined, 2},
		"in the lobby":                                    {[]cdr.Body{&cdr.CallLegStart{CallLeg: inCall}, &cdr.CallLegUpdate{State: "connected", Deactivated: optionalBool(true)}, connected(inCall)}, StateLobby, 1},
		"activated from the lobby":                        {[]cdr.Body{&cdr.CallLegStart{CallLeg: inCall}, &cdr.CallLegUpdate{State: "connected", Deactivated: optionalBool(true)}, &cdr.CallLegUpdate{Deactivated: optionalBool(false)}, connected(inCall)}, StateJoined, 2},
		"in the voice menu":                               {[]cdr.Body{&cdr.CallLegStart{CallLeg: inCall}, connected(inCall), &cdr.CallLegUpdate{IVR: true}, &cdr.CallLegUpdate{IVR: true}}, StateIVR, 2},
		"back from the voice menu":                        {[]cdr.Body{&cdr.CallLegStart{CallLeg: inCall}, connected(inCall), &cdr.CallLegUpdate{IVR: true}, connected(inCall)}, StateJoined, 3},
	}
	require.Len(t, cases, 13)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			session := newSession(highLimits)
			records := []*cdr.Record{recordOf(0, "call", &cdr.CallStart{})}
			for i, body := range c.bodies {
				records = append(records, &cdr.Record{Time: second(i), ID: "leg", CorrelatorIndex: uint64(i + 1), Body: body})
			}
			commitRecords(session, "cms1", second(0), records...)
			snapshots := session.Snapshots(second(60))
			require.Len(t, snapshots, 1)
			require.Len(t, snapshots[0].Legs, 1)
			state, since := snapshots[0].Legs[0].State()
			require.Equal(t, c.state, state)
			require.Equal(t, pcommon.NewTimestampFromTime(second(c.since)), since)
		})
	}
}

// TestDelay checks that the delay is that of the record with the highest index, that a late
// record does not change it, and that the duration of a call is measured by the Call
// Bridge's clock.
func TestDelay(t *testing.T) {
	session := newSession(highLimits)
	receive := func(index uint64, at, received int) {
		commitRecords(session, "cms1", second(received), &cdr.Record{Time: second(at), ID: "call", CorrelatorIndex: index, Body: &cdr.CallStart{}})
	}
	receive(0, 0, 1)
	require.Equal(t, time.Second, session.Delay())
	require.Equal(t, time.Hour-time.Second, session.Snapshots(second(3600))[0].Duration, "the Call Bridge's clock is a second behind")
	receive(2, 100, 400)
	require.Equal(t, 300*time.Second, session.Delay())
	receive(1, 50, 500)
	require.Equal(t, 300*time.Second, session.Delay())
	receive(3, 700, 600)
	require.Zero(t, session.Delay(), "the Call Bridge's clock is ahead")
	require.Equal(t, 700*time.Second, session.Snapshots(second(600))[0].Duration)
}

// TestSnapshotAfterClockStep checks that a call has a duration of 0 while its Call
// Bridge's clock, which stepped back, is before the start of the call.
func TestSnapshotAfterClockStep(t *testing.T) {
	session := newSession(highLimits)
	commitRecords(session, "cms1", second(0),
		recordOf(0, "call", &cdr.CallStart{}),
		&cdr.Record{Time: second(-100), ID: "leg", CorrelatorIndex: 1, Body: &cdr.CallLegStart{}})
	require.Zero(t, session.Snapshots(second(1))[0].Duration)
	require.Equal(t, 20*time.Second, session.Snapshots(second(120))[0].Duration)
}

// TestSnapshotOfOlderCall checks that a call has no snapshot if its start record arrived
// after that of a newer call of its coSpace.
func TestSnapshotOfOlderCall(t *testing.T) {
	session := newSession(highLimits)
	call := cdr.Call{CoSpace: "space"}
	commitRecords(session, "cms1", second(0), callStart(5, "newer", call), callStart(3, "older", call))
	require.Equal(t, 2, session.CallCount())
	snapshots := session.Snapshots(second(6))
	require.Len(t, snapshots, 1)
	require.Equal(t, "newer", snapshots[0].Call.ID)
}

// TestSnapshotIsConstant checks that a snapshot does not change when the session does.
func TestSnapshotIsConstant(t *testing.T) {
	session := newSession(highLimits)
	apply := func(index int, id string, body cdr.Body) {
		commitRecords(session, "cms1", second(index), recordOf(index, id, body))
	}
	apply(0, "call", &cdr.CallStart{Call: cdr.Call{Name: "Ward 7"}})
	apply(1, "leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: "call", DisplayName: "Room 12"}})
	before := session.Snapshots(second(2))[0]
	apply(2, "leg", &cdr.CallLegUpdate{State: "connected", CallLeg: cdr.CallLeg{DisplayName: "Room 12 (East)"}})
	apply(3, "call", &cdr.CallStart{Call: cdr.Call{Name: "Ward 8"}})
	apply(4, "call", &cdr.CallEnd{})
	require.Empty(t, session.Snapshots(second(5)))
	require.Equal(t, "Ward 7", before.Call.Name)
	require.Equal(t, "Room 12", before.Legs[0].DisplayName)
	state, _ := before.Legs[0].State()
	require.Empty(t, state)
}
