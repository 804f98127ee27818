package meeting

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRate checks that meetings start at the rate of the settings, at whole seconds, even if several start in a second.
func TestRate(t *testing.T) {
	const meetings = 5000
	for _, rate := range []float64{60, 1000, 10_000} {
		g := NewGenerator(Settings{Seed: 1, Bridges: 2, Rate: rate})
		var last Meeting
		for range meetings {
			last = g.Next()
			require.Zero(t, last.Start%time.Second)
		}
		require.InEpsilon(t, 2*rate, meetings/last.Start.Hours(), 0.05)
	}
}
