package correlate

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestNextScan checks that a session is scanned when an entity is due and not before,
// and that entities in a closed call get their grace period from then.
func TestNextScan(t *testing.T) {
	session := newSession(roomy)
	call := cdr.Call{CoSpace: spaceID}
	take(session, "cms1", starts(otherID, 5, call), starts(callID, 0, call))
	take(session, "cms1", &cdr.Record{ID: "leg", CorrelatorIndex: 6, Body: &cdr.CallLegStart{CallLeg: cdr.CallLeg{Call: callID}}})
	look := func(at int) (closes int) {
		plan, next := session.PlanExpired(second(at), Liveness{GapAfter: never, LastReceived: second(0)})
		tx := session.Begin("cms1", second(at))
		for _, ended := range tx.CloseIncomplete(plan) {
			require.NotEmpty(t, ended.Incomplete)
		}
		tx.SetNextScan(next)
		tx.Commit()
		return len(plan)
	}
	require.Zero(t, look(0))
	require.Equal(t, pcommon.NewTimestampFromTime(second(60)), session.nextScan, "the late call's grace")
	require.Zero(t, look(59))
	require.Equal(t, 1, look(70), "the late call")
	require.Equal(t, pcommon.NewTimestampFromTime(second(130)), session.nextScan, "the grace of its leg, from now")
	require.Zero(t, look(129))
	require.Equal(t, 1, look(130), "its leg")
	require.Equal(t, 1, session.OpenCount())

	// A look that closed nothing, as that was refused, is due again at once.
	plan, _ := session.PlanExpired(second(24*3600), Liveness{GapAfter: never, LastReceived: second(0)})
	require.Len(t, plan, 1)
	plan, _ = session.PlanExpired(second(24*3600), Liveness{GapAfter: never, LastReceived: second(0)})
	require.Len(t, plan, 1)
}
