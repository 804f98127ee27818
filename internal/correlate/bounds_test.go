package correlate

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// apply commits the records as one document that is received at that time.
func apply(session *Session, source string, now time.Time, records ...*cdr.Record) {
	tx := session.Begin(source, now)
	for _, record := range records {
		tx.Apply(record)
	}
	tx.Commit()
}

func recordOf(index int, id string, body cdr.Body) *cdr.Record {
	return &cdr.Record{Time: second(index), ID: id, CorrelatorIndex: uint64(index), Body: body}
}

// TestMeetingsLeftAreBounded checks that a session remembers the latest 1,024
// departures from meetings that continue, even if those meetings never end.
func TestMeetingsLeftAreBounded(t *testing.T) {
	const meetings, bound = 1100, 1024
	registry := meeting.New()
	limits := Limits{MaxOpen: 2 * meetings, Expire: 24 * time.Hour}
	one, other := NewSession("one", registry, limits), NewSession("other", registry, limits)
	correlator := func(n int) string { return fmt.Sprintf("c0221a70-0000-4000-8000-%012d", n) }
	start := func(n int) cdr.Body { return &cdr.CallStart{Call: cdr.Call{Correlator: correlator(n)}} }
	for n := range meetings {
		apply(one, "cms1", second(n), recordOf(2*n, fmt.Sprint("one ", n), start(n)))
		apply(other, "cms2", second(n), recordOf(n, fmt.Sprint("other ", n), start(n)))
		apply(one, "cms1", second(n), recordOf(2*n+1, fmt.Sprint("one ", n), &cdr.CallEnd{}))
	}
	left := one.State().Departures
	require.Len(t, left, bound)
	require.Equal(t, correlator(meetings-bound), left[0].Key)
	require.Equal(t, correlator(meetings-1), left[bound-1].Key)

	for n := range meetings {
		apply(other, "cms2", second(meetings), recordOf(meetings+n, fmt.Sprint("other ", n), &cdr.CallEnd{}))
	}
	apply(one, "cms1", second(meetings), recordOf(3*meetings, "last", &cdr.CallLegStart{}))
	require.Empty(t, one.State().Departures, "a meeting that ended is remembered")
}

// TestForgottenOpensNothing checks that a late update of a forgotten leg opens no
// leg, because no end record would close it.
func TestForgottenOpensNothing(t *testing.T) {
	const legs = 1100
	leg := func(n int) string { return fmt.Sprintf("1e900000-0000-4000-8000-%012d", n) }
	update := &cdr.CallLegUpdate{State: "connected"}
	session := newSession(Limits{MaxOpen: 2 * legs, Expire: 24 * time.Hour})
	for n := range legs {
		apply(session, "cms1", second(n), recordOf(3*n, leg(n), &cdr.CallLegStart{}), recordOf(3*n+2, leg(n), &cdr.CallLegEnd{}))
	}
	require.Zero(t, session.OpenCount())
	for n := range legs {
		apply(session, "cms1", second(legs), recordOf(3*n+1, leg(n), update))
	}
	require.Zero(t, session.OpenCount(), "a late update opened what had ended")

	restored := newSession(roomy)
	restored.Restore(session.State(), nil, 0, 3*legs)
	apply(restored, "cms1", second(legs), recordOf(1, leg(0), update))
	require.Zero(t, restored.OpenCount(), "after a restart of the receiver all that ended is forgotten")

	apply(session, "cms1", second(legs), recordOf(3*legs, leg(legs), update))
	require.Equal(t, 1, session.OpenCount(), "a later record is about a leg whose start was lost")
}

// TestGapCausesScan checks that a gap causes a new scan although the last one
// found nothing due for a day: the gap may hide the end of a leg.
func TestGapCausesScan(t *testing.T) {
	const hour = 3600
	for _, gap := range []bool{false, true} {
		session := newSession(roomy)
		apply(session, "cms1", second(0), recordOf(0, "1e900000-0000-4000-8000-000000000001", &cdr.CallLegStart{}))
		require.Empty(t, planExpired(session, second(23*hour), Liveness{GapAfter: never, LastReceived: second(23 * hour)}))

		tx := session.Begin("cms1", second(23*hour+1))
		if gap {
			tx.NoteGap()
		}
		tx.Commit()
		fate := Liveness{GapAfter: func(uint64) bool { return gap }, LastReceived: second(24 * hour)}
		require.Empty(t, planExpired(session, second(24*hour-1), fate), "the leg had a record less than a day ago")
		plan := planExpired(session, second(24*hour+1), fate)
		require.Equal(t, gap, len(plan) == 1, "gap %v, planned %v", gap, plan)
	}
}

// planExpired returns the entities that are due, and sets the next scan.
func planExpired(session *Session, now time.Time, fate Liveness) Plan {
	plan, next := session.PlanExpired(now, fate)
	tx := session.Begin("cms1", now)
	tx.SetNextScan(next)
	tx.Commit()
	return plan
}
