package sequence

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// observedRecord is a record and the verdict that is expected for it.
type observedRecord struct {
	index, preceding uint64
	want             Verdict
}

func TestObserve(t *testing.T) {
	accepted := Verdict{}
	duplicate := Verdict{Duplicate: true}
	recovered := Verdict{Recovered: true}
	missing := func(first, last uint64) Verdict { return Verdict{Missing: []Range{{first, last}}} }
	cases := map[string][]observedRecord{
		"in order": {{0, 0, accepted}, {1, 0, accepted}, {2, 0, accepted}},
		"session began before the receiver was configured": {{500, 0, accepted}, {501, 0, accepted}},
		"duplicates":                      {{0, 0, accepted}, {0, 0, duplicate}, {1, 0, accepted}, {0, 0, duplicate}},
		"gap":                             {{0, 0, accepted}, {3, 0, missing(1, 2)}},
		"gap that preceding also reports": {{0, 0, accepted}, {3, 2, missing(1, 2)}},
		"gap and a different preceding: the gap is used":               {{0, 0, accepted}, {3, 7, missing(1, 2)}},
		"preceding reports accepted records":                           {{0, 0, accepted}, {1, 7, accepted}},
		"preceding of the first record":                                {{10, 3, missing(7, 9)}},
		"preceding is higher than the index":                           {{2, 300, missing(0, 1)}},
		"preceding of index 0":                                         {{0, 3, accepted}},
		"missing record arrives, then its duplicate":                   {{0, 0, accepted}, {3, 0, missing(1, 2)}, {2, 0, recovered}, {2, 0, duplicate}},
		"second URI is hours behind":                                   {{500, 0, accepted}, {3, 0, accepted}, {4, 0, accepted}, {501, 0, accepted}},
		"second URI is hours behind and lost records":                  {{500, 0, accepted}, {3, 0, accepted}, {7, 3, missing(4, 6)}, {8, 0, accepted}},
		"both URIs report the same loss":                               {{0, 0, accepted}, {5, 4, missing(1, 4)}, {3, 2, recovered}, {2, 1, recovered}},
		"preceding of the first record, then index 0":                  {{1, 1, missing(0, 0)}, {0, 0, recovered}},
		"preceding values that overlap":                                {{9, 3, missing(6, 8)}, {10, 5, missing(5, 5)}, {4, 2, missing(2, 3)}, {11, 11, missing(0, 1)}},
		"preceding reports records before the first received one":      {{500, 0, accepted}, {501, 3, missing(498, 499)}, {502, 3, accepted}, {504, 9, missing(503, 503)}},
		"preceding reports records below and above an accepted record": {{9, 3, missing(6, 8)}, {2, 0, accepted}, {5, 5, Verdict{Missing: []Range{{0, 1}, {3, 4}}}}},
	}
	require.Len(t, cases, 18)
	for name, records := range cases {
		t.Run(name+", all records in one document", func(t *testing.T) {
			var tracker Tracker
			tx := tracker.Begin()
			for _, r := range records {
				require.Equal(t, r.want, tx.Observe(r.index, r.preceding), "record %d", r.index)
			}
			require.Equal(t, Tracker{}, tracker, "the transaction changed the tracker before its commit")
		})
		t.Run(name+", each record in its own document", func(t *testing.T) {
			var tracker Tracker
			for _, r := range records {
				require.Equal(t, r.want, tracker.Begin().Observe(r.index, r.preceding), "record %d in a dropped transaction", r.index)
				tx := tracker.Begin()
				require.Equal(t, r.want, tx.Observe(r.index, r.preceding), "record %d", r.index)
				tx.Commit()
			}
		})
	}
}

// TestRandomOrder observes records in random order, with losses and duplicates, in
// documents of random size. Each record is accepted once. At the end, the number of
// missing records is the number that were reported minus the number that arrived later.
func TestRandomOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		var tracker Tracker
		var missingCount, recoveredCount uint64
		acceptedCounts := map[uint64]int{}
		order := random.Perm(40)[:10+random.IntN(30)]
		order = append(order, order[:random.IntN(len(order))]...)
		tx := tracker.Begin()
		for _, index := range order {
			verdict := tx.Observe(uint64(index), random.Uint64N(4))
			if !verdict.Duplicate {
				acceptedCounts[uint64(index)]++
			}
			if verdict.Recovered {
				recoveredCount++
			}
			for _, gap := range verdict.Missing {
				missingCount += gap.Count()
			}
			if random.IntN(3) == 0 {
				tx.Commit()
				tx = tracker.Begin()
			}
		}
		tx.Commit()
		for index, n := range acceptedCounts {
			if n != 1 || !tracker.accepted.Contains(index) || tracker.missing.Contains(index) {
				t.Fatalf("record %d was accepted %d times; accepted %v, missing %v", index, n, tracker.accepted, tracker.missing)
			}
		}
		require.EqualValues(t, len(acceptedCounts), tracker.accepted.Count())
		require.Equal(t, missingCount-recoveredCount, tracker.Missing())
	}
}

// TestObserveUnreadable checks that an unreadable record is not missing, that it shows no
// gap itself, and that a readable record with the same index is accepted.
func TestObserveUnreadable(t *testing.T) {
	var tracker Tracker
	tx := tracker.Begin()
	require.Equal(t, Verdict{}, tx.Observe(0, 0))
	require.False(t, tx.ObserveUnreadable(1))
	require.Equal(t, Verdict{}, tx.Observe(2, 0), "the unreadable record is reported as missing")
	require.Equal(t, Verdict{}, tx.Observe(1, 0), "the readable record is a duplicate of the unreadable one")
	require.Equal(t, Verdict{Duplicate: true}, tx.Observe(1, 0))
	tx.Commit()
	tx = tracker.Begin()
	require.False(t, tx.ObserveUnreadable(5))
	require.Equal(t, Verdict{Missing: []Range{{3, 4}, {6, 6}}}, tx.Observe(7, 4), "all skipped records except the unreadable one must be missing")
	require.True(t, tx.ObserveUnreadable(4), "record 4 is not recovered, although it was counted as missing")
	require.Equal(t, Verdict{}, tx.Observe(4, 0), "record 4 is recovered twice")
	require.False(t, tx.ObserveUnreadable(7), "record 7 is recovered, although it was accepted before")
	tx.Commit()
	require.EqualValues(t, 2, tracker.Missing())
	tx = tracker.Begin()
	require.True(t, tx.ObserveUnreadable(3))
	require.False(t, tx.ObserveUnreadable(3), "record 3 is recovered twice")
	require.Equal(t, Verdict{}, tx.Observe(3, 0), "record 3 is recovered twice")
	tx.Commit()
	require.True(t, tracker.MissingAfter(5))
	tx = tracker.Begin()
	tx.Observe(6, 0)
	tx.Observe(8, 0)
	tx.ObserveUnreadable(9)
	tx.Commit()
	require.True(t, tracker.MissingAfter(8), "MissingAfter does not report the unreadable record 9")
	tx = tracker.Begin()
	tx.Observe(9, 0)
	tx.Observe(5, 0)
	tx.Commit()
	require.False(t, tracker.MissingAfter(0))
	restored := Tracker{}
	restored.Restore(tracker.State())
	require.Equal(t, tracker, restored)
}

// TestManyGaps checks that none of many distinct records is a duplicate, in several
// orders with many gaps, and that the tracker's memory stays limited.
func TestManyGaps(t *testing.T) {
	const n, slice = 20_000, 500
	random := rand.New(rand.NewPCG(6, 7))
	orders := map[string]func(i int) (index, preceding uint64){
		"odd indices, then even ones":           func(i int) (uint64, uint64) { return uint64(2*i+1) % (n + 1), 0 },
		"descending":                            func(i int) (uint64, uint64) { return uint64(2 * (n - i)), 0 },
		"descending, and preceding reports all": func(i int) (uint64, uint64) { return uint64(2 * (n - i)), 2 * n },
		"ascending, and preceding reports all":  func(i int) (uint64, uint64) { return uint64(3 * i), uint64(3 * i) },
	}
	shuffled := random.Perm(n)
	orders["random"] = func(i int) (uint64, uint64) { return uint64(shuffled[i]), uint64(random.IntN(n)) }
	require.Len(t, orders, 5)
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			var tracker Tracker
			for from := 0; from < n; from += slice {
				tx := tracker.Begin()
				for i := from; i < from+slice; i++ {
					require.False(t, tx.Observe(order(i)).Duplicate)
				}
				tx.Commit()
			}
			// There are four sets, each with a capacity of at most twice the limit.
			require.LessOrEqual(t, tracker.Bytes(), 4*2*maxRanges*rangeBytes)
		})
	}
}

// TestNextRecordAllocations checks that a record without a gap allocates no memory besides
// its transaction.
func TestNextRecordAllocations(t *testing.T) {
	var tracker Tracker
	index := uint64(0)
	first := tracker.Begin()
	first.Observe(index, 0)
	first.Commit()
	require.LessOrEqual(t, testing.AllocsPerRun(1000, func() {
		tx := tracker.Begin()
		index++
		if tx.Observe(index, 0).Duplicate {
			t.Fail()
		}
		tx.Commit()
	}), 1.0)
}
