package sequence

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRangesAgainstMap applies random operations to ranges and to a map of indices,
// and compares them after each.
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

// requireSame checks that the ranges and the map have the same indices below universe.
func requireSame(t *testing.T, ranges *Ranges, set map[uint64]bool, universe uint64) {
	t.Helper()
	var missing []uint64
	for i := range universe {
		if set[i] != ranges.Contains(i) {
			t.Fatalf("index %d is contained: %t, should be %t, in %v", i, ranges.Contains(i), set[i], ranges)
		}
		if !set[i] {
			missing = append(missing, i)
		}
	}
	require.EqualValues(t, len(set), ranges.Count())
	all := slices.Collect(ranges.All())
	for i := 1; i < len(all); i++ {
		require.Greater(t, all[i].First, all[i-1].Last+1, "ranges overlap or touch: %v", all)
	}
	var without []uint64
	for part := range ranges.Without(Range{0, universe - 1}) {
		for i := part.First; i <= part.Last; i++ {
			without = append(without, i)
		}
	}
	require.Equal(t, missing, without)
}

// TestRangesAtLimits checks the limit on the number of ranges, and the lowest and
// highest index.
func TestRangesAtLimits(t *testing.T) {
	var ranges Ranges
	for i := range uint64(10) {
		ranges.Add(Range{i * 2, i * 2})
	}
	require.Zero(t, ranges.Truncate(10))
	require.EqualValues(t, 13, ranges.Truncate(3))
	require.Equal(t, []Range{{14, 14}, {16, 16}, {18, 18}}, ranges.ranges)

	const highest = ^uint64(0)
	var extremes Ranges
	extremes.Add(Range{highest, highest})
	extremes.Add(Range{0, 0})
	require.Equal(t, []Range{{0, 0}, {highest, highest}}, extremes.ranges)
}

func TestRangesOf(t *testing.T) {
	require.Empty(t, RangesOf(nil))
	require.Equal(t, []Range{{1, 3}, {5, 5}, {7, 8}}, RangesOf([]uint64{8, 1, 3, 2, 7, 5, 2}))
}
