package correlate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestLegState checks the state of a leg and since when it has it, after each record.
func TestLegState(t *testing.T) {
	in := cdr.CallLeg{Call: "call"}
	asked := cdr.CallLeg{Call: "call", ConfirmationStatus: "required"}
	confirmed := cdr.CallLeg{Call: "call", ConfirmationStatus: "confirmed"}
	truth := func(is bool) cdr.Optional[bool] { return cdr.Optional[bool]{Value: is, Present: true} }
	update := func(leg cdr.CallLeg) *cdr.CallLegUpdate {
		return &cdr.CallLegUpdate{CallLeg: leg, State: "connected"}
	}
	cases := map[string]struct {
		bodies []cdr.Body
		state  LegState
		since  int
	}{
		"rings":                       {[]cdr.Body{&cdr.CallLegStart{CallLeg: in}, &cdr.CallLegUpdate{CallLeg: in}}, "", 0},
		"answers":                     {[]cdr.Body{&cdr.CallLegStart{CallLeg: in}, update(in)}, StateJoined, 1},
		"connected, then in the call": {[]cdr.Body{&cdr.CallLegStart{}, update(cdr.CallLeg{}), update(in)}, StateJoined, 2},
		"activated without connected": {[]cdr.Body{&cdr.CallLegStart{CallLeg: in}, &cdr.CallLegUpdate{Deactivated: truth(false)}}, StateJoined, 1},
		"asked to press a key":        {[]cdr.Body{&cdr.CallLegStart{CallLeg: asked}, update(in)}, StateConnected, 1},
		"rings to be asked":           {[]cdr.Body{&cdr.CallLegStart{CallLeg: asked}}, "", 0},
		"pressed it":                  {[]cdr.Body{&cdr.CallLegStart{CallLeg: asked}, update(in), update(confirmed)}, StateJoined, 2},
		"in the lobby":                {[]cdr.Body{&cdr.CallLegStart{CallLeg: in}, &cdr.CallLegUpdate{State: "connected", Deactivated: truth(true)}, update(in)}, StateLobby, 1},
		"let in":                      {[]cdr.Body{&cdr.CallLegStart{CallLeg: in}, &cdr.CallLegUpdate{State: "connected", Deactivated: truth(true)}, &cdr.CallLegUpdate{Deactivated: truth(false)}, update(in)}, StateJoined, 2},
		"in the voice menu":           {[]cdr.Body{&cdr.CallLegStart{CallLeg: in}, update(in), &cdr.CallLegUpdate{IVR: true}, &cdr.CallLegUpdate{IVR: true}}, StateIVR, 2},
		"back from the voice menu":    {[]cdr.Body{&cdr.CallLegStart{CallLeg: in}, update(in), &cdr.CallLegUpdate{IVR: true}, update(in)}, StateJoined, 3},
	}
	require.Len(t, cases, 11)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			session := newSession(roomy)
			apply := session.Begin("cms1", second(0))
			apply.Apply(&cdr.Record{Time: second(0), ID: "call", Body: &cdr.CallStart{}})
			for i, body := range c.bodies {
				apply.Apply(&cdr.Record{Time: second(i), ID: "leg", CorrelatorIndex: uint64(i + 1), Body: body})
			}
			apply.Commit()
			all := session.Snapshots(second(60))
			require.Len(t, all, 1)
			require.Len(t, all[0].Legs, 1)
			state, since := all[0].Legs[0].State()
			require.Equal(t, c.state, state)
			require.Equal(t, pcommon.NewTimestampFromTime(second(c.since)), since)
		})
	}
}

// TestDelay checks that the delay is that of the latest record until a newer one
// arrives, and that a late record of another URI does not change it.
func TestDelay(t *testing.T) {
	session := newSession(roomy)
	hear := func(index uint64, at, received int) {
		transaction := session.Begin("cms1", second(received))
		transaction.Apply(&cdr.Record{Time: second(at), ID: "call", CorrelatorIndex: index, Body: &cdr.CallStart{}})
		transaction.Commit()
	}
	hear(0, 0, 1)
	require.Equal(t, time.Second, session.Delay())
	require.Equal(t, time.Hour-time.Second, session.Snapshots(second(3600))[0].Duration, "its clock is a second behind")
	hear(2, 100, 400)
	require.Equal(t, 300*time.Second, session.Delay())
	hear(1, 50, 500)
	require.Equal(t, 300*time.Second, session.Delay())
	hear(3, 700, 600)
	require.Zero(t, session.Delay(), "its clock is ahead")
	require.Equal(t, 700*time.Second, session.Snapshots(second(600))[0].Duration)
}

// TestSnapshotAsClockStepsBack checks that a call that began after the current time
// of its Call Bridge's clock has a duration of 0.
func TestSnapshotAsClockStepsBack(t *testing.T) {
	session := newSession(roomy)
	transaction := session.Begin("cms1", second(0))
	transaction.Apply(&cdr.Record{Time: second(0), ID: "call", CorrelatorIndex: 0, Body: &cdr.CallStart{}})
	transaction.Apply(&cdr.Record{Time: second(-100), ID: "leg", CorrelatorIndex: 1, Body: &cdr.CallLegStart{}})
	transaction.Commit()
	require.Zero(t, session.Snapshots(second(1))[0].Duration)
	require.Equal(t, 20*time.Second, session.Snapshots(second(120))[0].Duration)
}

// TestSnapshotOfOlderCall checks that a call that a late start record opens, although
// its coSpace has a newer one, is in no snapshot.
func TestSnapshotOfOlderCall(t *testing.T) {
	session := newSession(roomy)
	in := cdr.CallStart{Call: cdr.Call{CoSpace: "space"}}
	transaction := session.Begin("cms1", second(0))
	transaction.Apply(&cdr.Record{Time: second(0), ID: "newer", CorrelatorIndex: 5, Body: &in})
	transaction.Apply(&cdr.Record{Time: second(0), ID: "older", CorrelatorIndex: 3, Body: &in})
	transaction.Commit()
	require.Equal(t, 2, session.CallCount())
	all := session.Snapshots(second(1))
	require.Len(t, all, 1)
	require.Equal(t, "newer", all[0].Call.ID)
}

// TestSnapshotOfWhatChanges checks that a snapshot does not change when the session
// does.
func TestSnapshotOfWhatChanges(t *testing.T) {
	session := newSession(roomy)
	apply := func(index uint64, id string, body cdr.Body) {
		transaction := session.Begin("cms1", second(int(index)))
		transaction.Apply(&cdr.Record{Time: second(int(index)), ID: id, CorrelatorIndex: index, Body: body})
		transaction.Commit()
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
