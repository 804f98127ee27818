//go:build !race

package cmscdrreceiver

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAllocations bounds what the whole way of a document but the network allocates,
// so that it stays. All but a few of a record are those of its log record and its
// span: the collector's data allocates for each value. The race detector makes more.
func TestAllocations(t *testing.T) {
	for _, c := range []struct{ records, most int }{{1, 118}, {10, 63}, {100, 54}} {
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
