package sequence

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRangesAgainstMap applies random operations to ranges and to a plain set, and
// compares both after each.
func TestRangesAgainstMap(t *testing.T) {
	const universe = 60
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		var ranges Ranges
		set := map[uint64]bool{}
		for range 60 {
			first := random.Uint64N(universe)
			r := Range{first, min(first+random.Uint64N(6), universe-1)}
			if add := random.IntN(3) > 0; add {
				ranges.Add(r)
				for i := r.First; i <= r.Last; i++ {
					set[i] = true
				}
			} else {
				ranges.Remove(r)
				for i := r.First; i <= r.Last; i++ {
					delete(set, i)
				}
			}
			requireSame(t, &ranges, set, universe)
		}
	}
}

func requireSame(t *testing.T, ranges *Ranges, set map[uint64]bool, universe uint64) {
	t.Helper()
	var holes []uint64
	for i := range universe {
		if set[i] != ranges.Contains(i) {
			t.Fatalf("index %d is in %v, or should be", i, ranges)
		}
		if !set[i] {
			holes = append(holes, i)
		}
	}
	require.EqualValues(t, len(set), ranges.Count())
	runs := slices.Collect(ranges.All())
	for i := 1; i < len(runs); i++ {
		require.Greater(t, runs[i].First, runs[i-1].Last+1, "runs overlap or touch: %v", runs)
	}
	var without []uint64
	for part := range ranges.Without(Range{0, universe - 1}) {
		for i := part.First; i <= part.Last; i++ {
			without = append(without, i)
		}
	}
	require.Equal(t, holes, without)
}

func TestRangesAtTheirLimits(t *testing.T) {
	var ranges Ranges
	for i := range uint64(10) {
		ranges.Add(Range{i * 2, i * 2})
	}
	require.Zero(t, ranges.Bound(10))
	require.EqualValues(t, 13, ranges.Bound(3))
	require.Equal(t, []Range{{14, 14}, {16, 16}, {18, 18}}, ranges.runs)

	const top = ^uint64(0)
	var edge Ranges
	edge.Add(Range{top, top})
	edge.Add(Range{0, 0})
	require.Equal(t, []Range{{0, 0}, {top, top}}, edge.runs)
}

func TestRunsOf(t *testing.T) {
	require.Empty(t, RunsOf(nil))
	require.Equal(t, []Range{{1, 3}, {5, 5}, {7, 8}}, RunsOf([]uint64{8, 1, 3, 2, 7, 5, 2}))
}
