package translate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// TestSnapshotsAtOnce checks of how many calls Logs.Snapshots adds snapshots at once.
func TestSnapshotsAtOnce(t *testing.T) {
	for name, c := range map[string]struct{ calls, legs, want int }{
		"few calls":               {3, 10, 3},
		"many calls without legs": {maxSnapshotLegs + 1, 0, maxSnapshotLegs},
		"calls with many legs":    {10, maxSnapshotLegs/2 - 1, 3},
		"no calls":                {0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			calls := make([]correlate.Snapshot, c.calls)
			for i := range calls {
				calls[i].Call = &correlate.Call{}
				for range c.legs {
					calls[i].Legs = append(calls[i].Legs, &correlate.Leg{})
				}
			}
			l := NewLogs(Scope("1.2.3"), pcommon.NewResource(), "s", time.Unix(1_000_000_000, 0), false, nil)
			require.Equal(t, c.want, l.Snapshots(calls))
			require.Equal(t, c.want, l.Len())
		})
	}
}

// TestLegWithoutTime checks that the map of a leg in a snapshot has no key "since" if no time
// of the leg is known.
func TestLegWithoutTime(t *testing.T) {
	list := pcommon.NewSlice()
	writeLegs([]*correlate.Leg{{EntityFields: correlate.EntityFields{ID: "l1"}}}, list)
	require.Equal(t, []any{map[string]any{"id": "l1"}}, list.AsRaw())
}
