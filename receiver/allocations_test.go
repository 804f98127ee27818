//go:build !race

package cmscdrreceiver

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAllocations limits the allocations of a document from the HTTP handler to the
// consumers. Nearly all allocations of a record are those of its log record and its
// span, because pdata allocates for each value. The race detector adds allocations,
// so it is off.
func TestAllocations(t *testing.T) {
	for _, c := range []struct{ records, most int }{{1, 146}, {10, 71}, {100, 60}} {
		t.Run(fmt.Sprintf("%d records", c.records), func(t *testing.T) {
			client := newClient(t)
			const warm, runs = 2000, 200
			bodies := documents(warm/c.records+1+runs, c.records)
			posted := 0
			next := func() {
				client.post(bodies[posted])
				posted++
			}
			for posted < warm/c.records {
				next()
			}
			got := testing.AllocsPerRun(runs, next)
			require.LessOrEqual(t, got/float64(c.records), float64(c.most))
		})
	}
}
