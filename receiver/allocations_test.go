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
// so the test is left out under it.
func TestAllocations(t *testing.T) {
	for _, c := range []struct{ records, limit int }{{1, 118}, {10, 63}, {100, 54}} {
		t.Run(fmt.Sprintf("%d records", c.records), func(t *testing.T) {
			client := newClient(t)
			const warmUp, runs = 2000, 200
			bodies := documents(warmUp/c.records+1+runs, c.records)
			posted := 0
			postNext := func() {
				client.post(bodies[posted])
				posted++
			}
			for posted < warmUp/c.records {
				postNext()
			}
			allocations := testing.AllocsPerRun(runs, postNext)
			require.LessOrEqual(t, allocations/float64(c.records), float64(c.limit))
		})
	}
}
