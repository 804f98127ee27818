package correlate

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestForgotten checks that a late record about a forgotten entity opens nothing.
// Only its index shows that it is late.
func TestForgotten(t *testing.T) {
	session := newSession(roomy)
	leg := func(n, index int, body cdr.Body) *cdr.Record {
		return &cdr.Record{ID: fmt.Sprint("leg ", n), Time: second(index), CorrelatorIndex: uint64(index), Body: body}
	}
	for n := range maxClosed + 2 {
		take(session, "cms1", leg(n, 2*n, &cdr.CallLegStart{}), leg(n, 2*n+1, &cdr.CallLegEnd{}))
	}
	require.Len(t, session.closed.ring, maxClosed)
	require.Len(t, session.closed.positions, maxClosed)
	take(session, "cms1", leg(0, 0, &cdr.CallLegUpdate{State: "connected"}))
	require.Zero(t, session.OpenCount())
	take(session, "cms1", leg(-1, 3*maxClosed, &cdr.CallLegUpdate{State: "connected"}))
	require.Equal(t, 1, session.OpenCount(), "a new one")
}

// TestDeparturesAreBounded checks that a session remembers only the latest
// departures.
func TestDeparturesAreBounded(t *testing.T) {
	one, two := bridges()
	for n := range maxDepartures + 5 {
		call := cdr.Call{Correlator: fmt.Sprint(n)}
		first, other := fmt.Sprint("first ", n), fmt.Sprint("other ", n)
		for _, of := range []*Session{one, two} {
			of.limits.MaxOpen = 2 * maxDepartures
		}
		take(one, "cms1", starts(first, n, call))
		take(two, "cms2", starts(other, n, call))
		take(one, "cms1", ends(first, n))
	}
	left := one.State().Departures
	require.Len(t, left, maxDepartures)
	require.Equal(t, fmt.Sprint(maxDepartures+4), left[maxDepartures-1].Key)
	require.Equal(t, walked(one), one.Bytes())
	take(two, "cms2", ends(fmt.Sprint("other ", maxDepartures+4), maxDepartures+9))
	take(one, "cms1", starts("next", 2*maxDepartures, cdr.Call{}))
	require.Len(t, one.State().Departures, maxDepartures-1, "a meeting that ended is forgotten")
}
