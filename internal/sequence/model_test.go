package sequence

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// model is a tracker without limits that consists of maps of indices.
type model struct {
	accepted, accounted, missing map[uint64]bool
	highestIndex                 uint64
	started                      bool
}

func (m *model) observe(index, preceding uint64) (duplicate, recovered bool, missing []uint64) {
	if m.accepted[index] {
		return true, false, nil
	}
	recovered = m.missing[index]
	first := index
	switch {
	case m.started && index > m.highestIndex+1:
		first = m.highestIndex + 1
	case preceding > 0:
		first = index - min(preceding, index)
	}
	for i := first; i < index; i++ {
		if !m.accounted[i] {
			m.accounted[i], m.missing[i] = true, true
			missing = append(missing, i)
		}
	}
	delete(m.missing, index)
	m.accepted[index], m.accounted[index] = true, true
	m.highestIndex, m.started = max(m.highestIndex, index), true
	return false, recovered, missing
}

// TestAgainstModel observes random records in committed and dropped transactions.
// Below the limit of ranges every verdict equals the model's. Above it, no new record
// is taken for a duplicate, and no index is reported as missing twice.
func TestAgainstModel(t *testing.T) {
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 5))
		tracker := Tracker{limit: 2 + random.IntN(8)}
		truncates := seed%2 == 0
		if !truncates {
			tracker.limit = 1000
		}
		m := model{accepted: map[uint64]bool{}, accounted: map[uint64]bool{}, missing: map[uint64]bool{}}
		missingCounts := map[uint64]int{}
		for range 60 {
			type record struct{ index, preceding uint64 }
			records := make([]record, 1+random.IntN(6))
			for i := range records {
				records[i] = record{random.Uint64N(120), random.Uint64N(4) * random.Uint64N(10)}
			}
			dropped := tracker.Begin()
			for _, r := range records {
				dropped.Observe(r.index, r.preceding)
			}
			tx := tracker.Begin()
			for _, r := range records {
				got := tx.Observe(r.index, r.preceding)
				var reported []uint64
				for _, gap := range got.Missing {
					for i := gap.First; i <= gap.Last; i++ {
						missingCounts[i]++
						reported = append(reported, i)
					}
				}
				wasAccepted := m.accepted[r.index]
				duplicate, recovered, missing := m.observe(r.index, r.preceding)
				if truncates {
					require.False(t, got.Duplicate && !wasAccepted, "seed %d: record %d is new, but a duplicate according to the tracker", seed, r.index)
				} else {
					require.Equal(t, []any{duplicate, recovered, missing}, []any{got.Duplicate, got.Recovered, reported}, "seed %d, record %d", seed, r.index)
				}
			}
			tx.Commit()
			require.LessOrEqual(t, len(tracker.accepted.ranges), tracker.limit)
			for index := range m.missing {
				require.True(t, index == 0 || tracker.MissingAfter(index-1), "MissingAfter does not report record %d", index)
			}
		}
		for index, n := range missingCounts {
			require.Equal(t, 1, n, "seed %d: record %d is reported as missing more than once", seed, index)
		}
	}
}
