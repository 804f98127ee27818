package sequence

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// seen is a record as the tracker meets it, and what it must make of it.
type seen struct {
	index, preceding uint64
	want             Verdict
}

func TestObserve(t *testing.T) {
	ok := Verdict{}
	repeated := Verdict{Repeated: true}
	recovered := Verdict{Recovered: true}
	missing := func(first, last uint64) Verdict { return Verdict{Missing: []Range{{first, last}}} }
	cases := map[string][]seen{
		"in order":                               {{0, 0, ok}, {1, 0, ok}, {2, 0, ok}},
		"a receiver configured late":             {{500, 0, ok}, {501, 0, ok}},
		"repeated":                               {{0, 0, ok}, {0, 0, repeated}, {1, 0, ok}, {0, 0, repeated}},
		"a jump":                                 {{0, 0, ok}, {3, 0, missing(1, 2)}},
		"a jump that is told of too":             {{0, 0, ok}, {3, 2, missing(1, 2)}},
		"a jump and another number: the jump":    {{0, 0, ok}, {3, 7, missing(1, 2)}},
		"no jump and a number: the jump":         {{0, 0, ok}, {1, 7, ok}},
		"the first record tells of missing ones": {{10, 3, missing(7, 9)}},
		"it tells of more than there can be":     {{2, 300, missing(0, 1)}},
		"the very first tells of missing ones":   {{0, 3, ok}},
		"came after all":                         {{0, 0, ok}, {3, 0, missing(1, 2)}, {2, 0, recovered}, {2, 0, repeated}},
		"a URI that is hours behind":             {{500, 0, ok}, {3, 0, ok}, {4, 0, ok}, {501, 0, ok}},
		"a URI that is behind and lost some":     {{500, 0, ok}, {3, 0, ok}, {7, 3, missing(4, 6)}, {8, 0, ok}},
		"both URIs tell of the same loss":        {{0, 0, ok}, {5, 4, missing(1, 4)}, {3, 2, recovered}, {2, 1, recovered}},
	}
	require.Len(t, cases, 14)
	for name, records := range cases {
		t.Run(name+", in one document", func(t *testing.T) {
			var tracker Tracker
			tx := tracker.Begin()
			for _, r := range records {
				require.Equal(t, r.want, tx.Observe(r.index, r.preceding), "record %d", r.index)
			}
			require.Equal(t, Tracker{}, tracker, "a transaction not committed changes nothing")
		})
		t.Run(name+", a document each", func(t *testing.T) {
			var tracker Tracker
			for _, r := range records {
				require.Equal(t, r.want, tracker.Begin().Observe(r.index, r.preceding), "refused")
				tx := tracker.Begin()
				require.Equal(t, r.want, tx.Observe(r.index, r.preceding), "record %d", r.index)
				tx.Commit()
			}
		})
	}
}

// TestEveryOrder delivers records with losses in random documents and order:
// each is new once, and what was counted missing and did not come is the loss.
func TestEveryOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		var tracker Tracker
		var counted, recoveredCount uint64
		fresh := map[uint64]int{}
		order := random.Perm(40)[:10+random.IntN(30)]
		order = append(order, order[:random.IntN(len(order))]...)
		tx := tracker.Begin()
		for _, index := range order {
			verdict := tx.Observe(uint64(index), random.Uint64N(4))
			if !verdict.Repeated {
				fresh[uint64(index)]++
			}
			if verdict.Recovered {
				recoveredCount++
			}
			for _, gap := range verdict.Missing {
				counted += gap.Count()
			}
			if random.IntN(3) == 0 {
				tx.Commit()
				tx = tracker.Begin()
			}
		}
		tx.Commit()
		for index, times := range fresh {
			if times != 1 || !tracker.seen.Contains(index) || tracker.missing.Contains(index) {
				t.Fatalf("record %d was new %d times; seen %v, missing %v", index, times, tracker.seen, tracker.missing)
			}
		}
		require.EqualValues(t, len(fresh), tracker.seen.Count())
		require.Equal(t, counted-recoveredCount, tracker.Missing())
	}
}
