package correlate

import (
	"slices"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// planExpired returns the entities that are due, and commits the time of the next scan.
func planExpired(session *Session, now time.Time, liveness Liveness) Plan {
	plan, next := session.PlanExpired(now, liveness)
	tx := session.Begin("cms1", now)
	tx.SetNextScan(next)
	tx.Commit()
	return plan
}

// TestNextScan checks that a session is scanned when an entity is due and not before,
// and that the grace period of entities in a closed call begins when it is closed.
func TestNextScan(t *testing.T) {
	session := newSession(highLimits)
	call := cdr.Call{CoSpace: spaceID}
	commitRecords(session, "cms1", second(0), callStart(5, secondCallID, call), callStart(0, callID, call))
	commitRecords(session, "cms1", second(0), recordOf(6, "leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}))
	liveness := Liveness{GapAfter: noGap, LastReceived: second(0)}
	closeDue := func(at int) (closed int) {
		plan, next := session.PlanExpired(second(at), liveness)
		tx := session.Begin("cms1", second(at))
		for _, ended := range tx.CloseIncomplete(plan) {
			require.NotEmpty(t, ended.Incomplete)
		}
		tx.SetNextScan(next)
		tx.Commit()
		return len(plan)
	}
	require.Zero(t, closeDue(0))
	require.Equal(t, pcommon.NewTimestampFromTime(second(60)), session.nextScan, "the next scan is not at the end of the late call's grace period")
	require.Zero(t, closeDue(59))
	require.Equal(t, 1, closeDue(70), "the late call is not closed")
	require.Equal(t, pcommon.NewTimestampFromTime(second(130)), session.nextScan, "the next scan is not at the end of the grace period of the late call's leg")
	require.Zero(t, closeDue(129))
	require.Equal(t, 1, closeDue(130), "the leg is not closed")
	require.Equal(t, 1, session.OpenCount())

	// If the entities of a plan are not closed, because a pipeline refused, they stay due.
	for range 2 {
		plan, _ := session.PlanExpired(second(24*3600), liveness)
		require.Len(t, plan, 1)
	}
}

// TestGraceCausesScan checks that the end of a call causes a scan at the end of the grace
// period of its legs, even if the last scan found nothing that is due within a day.
func TestGraceCausesScan(t *testing.T) {
	session := newSession(highLimits)
	commitRecords(session, "cms1", second(0), callStart(0, callID, cdr.Call{}), recordOf(1, "leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}))
	require.Empty(t, planExpired(session, second(10), Liveness{GapAfter: noGap, LastReceived: second(10)}))
	commitRecords(session, "cms1", second(20), callEnd(2, callID))
	liveness := Liveness{GapAfter: noGap, LastReceived: second(20)}
	require.Empty(t, planExpired(session, second(79), liveness))
	require.Len(t, planExpired(session, second(80), liveness), 1, "the leg is not due at the end of its grace period")
}

// TestGraceOfLegOpenedAgain checks that a leg that was evicted, and is opened again after its
// call ended, has a grace period.
func TestGraceOfLegOpenedAgain(t *testing.T) {
	session := newSession(Limits{MaxOpen: 1, Expire: 24 * time.Hour})
	commitRecords(session, "cms1", second(0),
		callStart(0, callID, cdr.Call{}),
		recordOf(1, "leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}),
		recordOf(2, "other leg", &cdr.CallLegStart{}),
		recordOf(3, "other leg", &cdr.CallLegEnd{}),
		callEnd(4, callID))
	commitRecords(session, "cms1", second(10), recordOf(5, "leg", &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{Call: callID}}))
	require.Equal(t, 1, session.OpenCount())
	require.Len(t, planExpired(session, second(70), Liveness{GapAfter: noGap, LastReceived: second(70)}), 1, "the leg stays open although its call ended")
}

// TestLegLeavesEndedCall checks that the grace period of a leg is cancelled when it joins another
// call, and begins when it joins a call that has ended.
func TestLegLeavesEndedCall(t *testing.T) {
	session := newSession(highLimits)
	joins := func(index int, call string) *cdr.Record {
		return recordOf(index, "leg", &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{Call: call}})
	}
	commitRecords(session, "cms1", second(0), callStart(0, callID, cdr.Call{}), callStart(1, secondCallID, cdr.Call{}), joins(2, callID), callEnd(3, callID))
	commitRecords(session, "cms1", second(10), joins(4, secondCallID))
	liveness := Liveness{GapAfter: noGap, LastReceived: second(120)}
	require.Empty(t, planExpired(session, second(120), liveness), "the leg is in an open call")
	commitRecords(session, "cms1", second(130), joins(5, callID))
	require.Len(t, planExpired(session, second(190), liveness), 1, "the leg is in a call that has ended")
}

// TestVoiceMenuHasNoGrace checks that the end of a call does not close a leg that left the
// call for the voice menu, whichever record is first.
func TestVoiceMenuHasNoGrace(t *testing.T) {
	for name, records := range map[string][]*cdr.Record{
		"before the end of the call": {recordOf(2, "leg", &cdr.CallLegUpdate{IVR: true}), callEnd(3, callID)},
		"after the end of the call":  {callEnd(2, callID), recordOf(3, "leg", &cdr.CallLegUpdate{IVR: true})},
	} {
		t.Run(name, func(t *testing.T) {
			session := newSession(highLimits)
			commitRecords(session, "cms1", second(0), callStart(0, callID, cdr.Call{}), recordOf(1, "leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}))
			commitRecords(session, "cms1", second(10), records...)
			require.Empty(t, planExpired(session, second(120), Liveness{GapAfter: noGap, LastReceived: second(120)}), "the leg in the voice menu is due")
			commitRecords(session, "cms1", second(130), recordOf(4, "leg", &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{Call: callID}}))
			require.Len(t, planExpired(session, second(190), Liveness{GapAfter: noGap, LastReceived: second(190)}), 1, "the leg returned to the call that ended")
		})
	}
}

// TestGapCausesScan checks that a gap causes a new scan, even if the last one found
// nothing that is due within a day, because the gap may include the end of a leg.
func TestGapCausesScan(t *testing.T) {
	const hour = 3600
	for _, gap := range []bool{false, true} {
		session := newSession(highLimits)
		commitRecords(session, "cms1", second(0), recordOf(0, "1e900000-0000-4000-8000-000000000001", &cdr.CallLegStart{}))
		require.Empty(t, planExpired(session, second(23*hour), Liveness{GapAfter: noGap, LastReceived: second(23 * hour)}))

		tx := session.Begin("cms1", second(23*hour+1))
		if gap {
			tx.NoteGap()
		}
		tx.Commit()
		liveness := Liveness{GapAfter: func(uint64) bool { return gap }, LastReceived: second(24 * hour)}
		require.Empty(t, planExpired(session, second(24*hour-1), liveness), "the leg had a record less than a day before")
		plan := planExpired(session, second(24*hour+1), liveness)
		require.Equal(t, gap, len(plan) == 1, "gap %v, planned %v", gap, plan)
	}
}

// TestCallWithRecordsAfterGap checks that a call does not expire because of a gap if a record
// about a leg in it has a higher index, whether the leg is still in the call or left it.
func TestCallWithRecordsAfterGap(t *testing.T) {
	const hour = 3600
	leg := func(index int, call string) *cdr.Record {
		return recordOf(index, "leg", &cdr.CallLegUpdate{CallLeg: cdr.CallLeg{Call: call}})
	}
	for name, last := range map[string]*cdr.Record{
		"in the call":     leg(3, callID),
		"ended":           recordOf(3, "leg", &cdr.CallLegEnd{}),
		"in another call": leg(3, secondCallID),
	} {
		t.Run(name, func(t *testing.T) {
			session := newSession(highLimits)
			commitRecords(session, "cms1", second(0), callStart(0, callID, cdr.Call{}), leg(2, callID))
			commitRecords(session, "cms1", second(23*hour), last)
			for gap, due := range map[uint64]bool{1: false, 4: true} {
				liveness := Liveness{GapAfter: func(index uint64) bool { return index < gap }, LastReceived: second(47 * hour)}
				plan, _ := session.PlanExpired(second(46*hour), liveness)
				require.Empty(t, plan, "gap %d", gap)
				plan, _ = session.PlanExpired(second(47*hour), liveness)
				require.Equal(t, due, slices.ContainsFunc(plan, func(entry planEntry) bool { return entry.key.kind == callKind }), "gap %d", gap)
			}
		})
	}
}

// TestClockStep checks that a step of the receiver's clock by a year expires no call of a
// session that is not silent.
func TestClockStep(t *testing.T) {
	session := newSession(highLimits)
	received := time.Now()
	commitRecords(session, "cms1", received, callStart(0, callID, cdr.Call{}))
	liveness := Liveness{GapAfter: func(uint64) bool { return false }, LastReceived: received}
	for hours, due := range map[int]bool{23: false, 24: true} {
		plan, _ := session.PlanExpired(stepped(received.Add(time.Duration(hours)*time.Hour), 365*24*time.Hour), liveness)
		require.Len(t, plan, map[bool]int{true: 1}[due], "%d hours", hours)
	}
}

// stepped returns the time with another wall clock reading and the same monotonic one. Package
// time has no function for this. The first field of a time with a monotonic reading has the
// seconds since 1885 in the bits 30 to 62.
func stepped(at time.Time, step time.Duration) time.Time {
	*(*uint64)(unsafe.Pointer(&at)) += uint64(step/time.Second) << 30
	return at
}

// TestGraceAfterSmallStep checks that a step back of the receiver's clock by less than the grace
// period does not end it.
func TestGraceAfterSmallStep(t *testing.T) {
	session := newSession(highLimits)
	commitRecords(session, "cms1", second(100), callStart(0, callID, cdr.Call{}), recordOf(1, "leg", &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}), callEnd(2, callID))
	liveness := Liveness{GapAfter: func(uint64) bool { return false }, LastReceived: second(100)}
	for at, due := range map[int]int{39: 1, 40: 0, 159: 0, 160: 1} {
		plan, _ := session.PlanExpired(second(at), liveness)
		require.Len(t, plan, due, "at %d s", at)
	}
}

// TestEndRecordEvictsNothing checks that the end record of an evicted entity, which is
// opened and closed again, evicts no other entity at the limit.
func TestEndRecordEvictsNothing(t *testing.T) {
	for name, bodies := range map[string][2]cdr.Body{
		"call":      {&cdr.CallStart{}, &cdr.CallEnd{}},
		"leg":       {&cdr.CallLegStart{}, &cdr.CallLegEnd{}},
		"recording": {&cdr.RecordingStart{}, &cdr.RecordingEnd{}},
		"streaming": {&cdr.StreamingStart{}, &cdr.StreamingEnd{}},
	} {
		t.Run(name, func(t *testing.T) {
			session := newSession(Limits{MaxOpen: 1, Expire: time.Hour})
			start, end := bodies[0], bodies[1]
			effect, _ := commitRecords(session, "cms1", epoch, recordOf(0, "first", start), recordOf(1, "second", start))
			require.Len(t, effect.Ended, 1, "the second start must evict the first entity")
			require.Equal(t, Evicted, effect.Ended[0].Incomplete)
			effect, _ = commitRecords(session, "cms1", epoch, recordOf(2, "first", end))
			require.Len(t, effect.Ended, 1)
			require.Empty(t, effect.Ended[0].Incomplete)
			require.Equal(t, 1, session.OpenCount())
		})
	}
}

// TestEvictionOrderOfCalls checks that a call whose only leg left it is evicted before a call with
// a later record about a leg that is in it: at the limit of open calls, and in a plan that closes
// all entities.
func TestEvictionOrderOfCalls(t *testing.T) {
	leg := func(index int, id, call string) *cdr.Record {
		return recordOf(index, id, &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: call}})
	}
	session := newSession(Limits{MaxOpen: 2, Expire: 24 * time.Hour})
	commitRecords(session, "cms1", second(0), callStart(0, "idle", cdr.Call{}), leg(1, "leg", "idle"),
		callStart(2, "active", cdr.Call{}), recordOf(3, "leg", &cdr.CallLegEnd{}), leg(4, "other leg", "active"))
	var order []string
	for _, entry := range session.PlanAll(Evicted) {
		order = append(order, entry.key.id)
	}
	require.Equal(t, []string{"other leg", "idle", "active"}, order)
	effect, _ := commitRecords(session, "cms1", second(0), callStart(5, "new", cdr.Call{}))
	require.Len(t, effect.Ended, 1)
	require.Equal(t, "idle", effect.Ended[0].Entity.(*Call).ID)
}
