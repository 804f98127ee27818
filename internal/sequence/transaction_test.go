package sequence

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// seen is a record for the tracker, and the expected verdict.
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
		"in order":                              {{0, 0, ok}, {1, 0, ok}, {2, 0, ok}},
		"a receiver configured late":            {{500, 0, ok}, {501, 0, ok}},
		"repeated":                              {{0, 0, ok}, {0, 0, repeated}, {1, 0, ok}, {0, 0, repeated}},
		"a jump":                                {{0, 0, ok}, {3, 0, missing(1, 2)}},
		"a jump that preceding reports too":     {{0, 0, ok}, {3, 2, missing(1, 2)}},
		"a jump and another number: the jump":   {{0, 0, ok}, {3, 7, missing(1, 2)}},
		"no jump and a number: the jump":        {{0, 0, ok}, {1, 7, ok}},
		"the first record reports missing ones": {{10, 3, missing(7, 9)}},
		"it reports more than there can be":     {{2, 300, missing(0, 1)}},
		"the very first reports missing ones":   {{0, 3, ok}},
		"came after all":                        {{0, 0, ok}, {3, 0, missing(1, 2)}, {2, 0, recovered}, {2, 0, repeated}},
		"a URI that is hours behind":            {{500, 0, ok}, {3, 0, ok}, {4, 0, ok}, {501, 0, ok}},
		"a URI that is behind and lost some":    {{500, 0, ok}, {3, 0, ok}, {7, 3, missing(4, 6)}, {8, 0, ok}},
		"both URIs tell of the same loss":       {{0, 0, ok}, {5, 4, missing(1, 4)}, {3, 2, recovered}, {2, 1, recovered}},
		"reported with the very first record":   {{1, 1, missing(0, 0)}, {0, 0, recovered}},
		"reported twice":                        {{9, 3, missing(6, 8)}, {10, 5, missing(5, 5)}, {4, 2, missing(2, 3)}, {11, 11, missing(0, 1)}},
		"no jump, and a number of unknown ones": {{500, 0, ok}, {501, 3, missing(498, 499)}, {502, 3, ok}, {504, 9, missing(503, 503)}},
		"reported in part before":               {{9, 3, missing(6, 8)}, {2, 0, ok}, {5, 5, Verdict{Missing: []Range{{0, 1}, {3, 4}}}}},
	}
	require.Len(t, cases, 18)
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

// TestEveryOrder delivers records with losses in random documents and order. Each
// record is new once, and exactly the lost ones are counted as missing in the end.
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

// TestObserveUnreadable checks that an unreadable record is neither missing nor a gap, and that a
// readable one of its index is new.
func TestObserveUnreadable(t *testing.T) {
	var tracker Tracker
	tx := tracker.Begin()
	require.Equal(t, Verdict{}, tx.Observe(0, 0))
	require.False(t, tx.ObserveUnreadable(1))
	require.Equal(t, Verdict{}, tx.Observe(2, 0), "no gap")
	require.Equal(t, Verdict{}, tx.Observe(1, 0), "still new")
	require.Equal(t, Verdict{Repeated: true}, tx.Observe(1, 0))
	tx.Commit()
	tx = tracker.Begin()
	require.False(t, tx.ObserveUnreadable(5))
	require.Equal(t, Verdict{Missing: []Range{{3, 4}, {6, 6}}}, tx.Observe(7, 4), "but not an unreadable one")
	require.True(t, tx.ObserveUnreadable(4), "it was counted as missing")
	require.Equal(t, Verdict{}, tx.Observe(4, 0), "and is not recovered twice")
	require.False(t, tx.ObserveUnreadable(7), "accepted before")
	tx.Commit()
	require.EqualValues(t, 2, tracker.Missing())
	tx = tracker.Begin()
	require.True(t, tx.ObserveUnreadable(3))
	require.False(t, tx.ObserveUnreadable(3), "observed before")
	require.Equal(t, Verdict{}, tx.Observe(3, 0), "and recovered then")
	tx.Commit()
	require.True(t, tracker.MissingAfter(5))
	tx = tracker.Begin()
	tx.Observe(6, 0)
	tx.Observe(8, 0)
	tx.ObserveUnreadable(9)
	tx.Commit()
	require.True(t, tracker.MissingAfter(8), "what it said is not known")
	tx = tracker.Begin()
	tx.Observe(9, 0)
	tx.Observe(5, 0)
	tx.Commit()
	require.False(t, tracker.MissingAfter(0))
	restored := Tracker{}
	restored.Restore(tracker.State())
	require.Equal(t, tracker, restored)
}

// model is a tracker without limits, made of plain sets.
type model struct {
	seen, accounted map[uint64]bool
	missing         map[uint64]bool
	high            uint64
	started         bool
}

func (m *model) observe(index, preceding uint64) (repeated, recovered bool, missing int) {
	if m.seen[index] {
		return true, false, 0
	}
	recovered = m.missing[index]
	first := index
	switch {
	case m.started && index > m.high+1:
		first = m.high + 1
	case preceding > 0:
		first = index - min(preceding, index)
	}
	for i := first; i < index; i++ {
		if !m.accounted[i] {
			m.accounted[i], m.missing[i] = true, true
			missing++
		}
	}
	delete(m.missing, index)
	m.seen[index], m.accounted[index] = true, true
	m.high, m.started = max(m.high, index), true
	return false, recovered, missing
}

// TestAgainstModel observes random records in committed and dropped transactions.
// Below the limit every verdict equals the model's. Above it, no new record is a
// duplicate, and none is counted as missing twice.
func TestAgainstModel(t *testing.T) {
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 5))
		tracker := Tracker{limit: 2 + random.IntN(8)}
		bounded := seed%2 == 0
		if !bounded {
			tracker.limit = 1000
		}
		m := model{seen: map[uint64]bool{}, accounted: map[uint64]bool{}, missing: map[uint64]bool{}}
		counted := map[uint64]int{}
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
				n := 0
				for _, gap := range got.Missing {
					for i := gap.First; i <= gap.Last; i++ {
						counted[i]++
						n++
					}
				}
				wasSeen := m.seen[r.index]
				repeated, recovered, missing := m.observe(r.index, r.preceding)
				if bounded {
					require.False(t, got.Repeated && !wasSeen, "record %d is new", r.index)
				} else {
					require.Equal(t, []any{repeated, recovered, missing}, []any{got.Repeated, got.Recovered, n}, "seed %d, record %d", seed, r.index)
				}
			}
			tx.Commit()
			require.LessOrEqual(t, len(tracker.seen.runs), tracker.limit)
			for index := range m.missing {
				require.True(t, index == 0 || tracker.MissingAfter(index-1), "%d is missing", index)
			}
		}
		for index, n := range counted {
			require.Equal(t, 1, n, "%d is missing more than once", index)
		}
	}
}

// TestManyHoles checks that none of many distinct records is a duplicate, in any
// order, and that the cost does not depend on the number of gaps.
func TestManyHoles(t *testing.T) {
	const n, slice = 20_000, 500
	random := rand.New(rand.NewPCG(6, 7))
	orders := map[string]func(i int) (index, preceding uint64){
		"odd, then even":  func(i int) (uint64, uint64) { return uint64(2*i+1) % (n + 1), 0 },
		"backwards":       func(i int) (uint64, uint64) { return uint64(2 * (n - i)), 0 },
		"reported again":  func(i int) (uint64, uint64) { return uint64(2 * (n - i)), 2 * n },
		"reported before": func(i int) (uint64, uint64) { return uint64(3 * i), uint64(3 * i) },
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
					require.False(t, tx.Observe(order(i)).Repeated)
				}
				tx.Commit()
			}
			require.LessOrEqual(t, tracker.Bytes(), 4*2*maxRuns*rangeBytes)
		})
	}
}

// TestNextRecordIsCheap checks that a session without losses allocates nothing.
func TestNextRecordIsCheap(t *testing.T) {
	var tracker Tracker
	var tx Transaction
	index := uint64(0)
	first := tracker.Begin()
	first.Observe(index, 0)
	first.Commit()
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		tx.base, tx.high, tx.started = &tracker, tracker.high, tracker.started
		index++
		if tx.Observe(index, 0).Repeated {
			t.Fail()
		}
		tx.Commit()
		tx.seen.runs, tx.accounted.runs = tx.seen.runs[:0], tx.accounted.runs[:0]
	}))
}
