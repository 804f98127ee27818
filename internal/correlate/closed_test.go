package correlate

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestClosedEntitiesAreLimited checks that a session remembers the latest closed
// entities, and that a late update of a forgotten one opens none, because no end record
// would close it. Only its index shows that the update is late.
func TestClosedEntitiesAreLimited(t *testing.T) {
	const legs = maxClosed + 2
	session := newSession(Limits{MaxOpen: 2 * legs, Expire: 24 * time.Hour})
	legID := func(n int) string { return fmt.Sprintf("1e900000-0000-4000-8000-%012d", n) }
	update := &cdr.CallLegUpdate{State: "connected"}
	for n := range legs {
		commitRecords(session, "cms1", second(n), recordOf(3*n, legID(n), &cdr.CallLegStart{}), recordOf(3*n+2, legID(n), &cdr.CallLegEnd{}))
	}
	require.Zero(t, session.OpenCount())
	require.Len(t, session.closed.ring, maxClosed)
	require.Len(t, session.closed.positions, maxClosed)
	require.Nil(t, session.closed.find(key{legKind, legID(1)}), "the legs that were closed first must be forgotten")
	require.NotNil(t, session.closed.find(key{legKind, legID(2)}), "the latest closed legs must be remembered")
	for n := range legs {
		commitRecords(session, "cms1", second(legs), recordOf(3*n+1, legID(n), update))
	}
	require.Zero(t, session.OpenCount(), "a late record opened a closed leg")

	restored := newSession(highLimits)
	restored.Restore("cms1", session.State(), nil, 0, 3*legs)
	commitRecords(restored, "cms1", second(legs), recordOf(1, legID(0), update))
	require.Zero(t, restored.OpenCount(), "a late record opened a leg that was closed before a restart of the receiver")

	commitRecords(session, "cms1", second(legs), recordOf(3*legs, legID(legs), update))
	require.Equal(t, 1, session.OpenCount(), "a record that is not late did not open its leg, whose start record was lost")
}

// TestDeparturesAreLimited checks that a session holds one departure from each meeting that
// continues, removes the oldest departures above the limit, and removes those from
// meetings that end.
func TestDeparturesAreLimited(t *testing.T) {
	const meetings = maxDepartures + 5
	one, two := newSessions(Limits{MaxOpen: 2 * meetings, Expire: 24 * time.Hour})
	for n := range meetings {
		call := cdr.Call{Correlator: fmt.Sprint("correlator ", n)}
		commitRecords(one, "cms1", second(n), callStart(2*n, fmt.Sprint("one ", n), call))
		commitRecords(two, "cms2", second(n), callStart(n, fmt.Sprint("two ", n), call))
		commitRecords(one, "cms1", second(n), callEnd(2*n+1, fmt.Sprint("one ", n)))
	}
	departures := one.State().Departures
	require.Len(t, departures, maxDepartures)
	require.Equal(t, fmt.Sprint("correlator ", meetings-maxDepartures), departures[0].Key)
	require.Equal(t, fmt.Sprint("correlator ", meetings-1), departures[maxDepartures-1].Key)
	require.Equal(t, computedBytes(one), one.Bytes())

	again := cdr.Call{Correlator: fmt.Sprint("correlator ", meetings-1)}
	commitRecords(one, "cms1", second(meetings), callStart(2*meetings, "again", again), callEnd(2*meetings+1, "again"))
	departures = one.State().Departures
	require.Len(t, departures, maxDepartures, "two calls that left a meeting have two departures")
	require.Equal(t, timeOf(callEnd(2*meetings+1, "again")), departures[maxDepartures-1].End)
	require.Equal(t, computedBytes(one), one.Bytes())

	commitRecords(two, "cms2", second(meetings), callEnd(meetings, fmt.Sprint("two ", meetings-1)))
	commitRecords(one, "cms1", second(meetings), recordOf(2*meetings+2, "leg", &cdr.CallLegStart{}))
	require.Len(t, one.State().Departures, maxDepartures-1, "the departure from a meeting that ended is held")

	for n := range meetings - 1 {
		commitRecords(two, "cms2", second(meetings), callEnd(meetings+1+n, fmt.Sprint("two ", n)))
	}
	commitRecords(one, "cms1", second(meetings), recordOf(2*meetings+3, "leg", &cdr.CallLegUpdate{}))
	require.Empty(t, one.State().Departures, "a departure from a meeting that ended is held")
}
