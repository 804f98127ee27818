package sequence

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// observeAll observes the indices in one transaction and commits it.
func observeAll(tracker *Tracker, indices ...uint64) {
	tx := tracker.Begin()
	for _, index := range indices {
		tx.Observe(index, 0)
	}
	tx.Commit()
}

// TestMissingAfter checks that MissingAfter is true for the indices below a missing
// record and false for its own, and that an unreadable copy of an accepted record does not
// make it true.
func TestMissingAfter(t *testing.T) {
	var tracker Tracker
	observeAll(&tracker, 0, 2)
	require.True(t, tracker.MissingAfter(0))
	require.False(t, tracker.MissingAfter(1))

	observeAll(&tracker, 1)
	tx := tracker.Begin()
	require.False(t, tx.ObserveUnreadable(2))
	tx.Commit()
	require.False(t, tracker.MissingAfter(0))
}

// TestNextIndex checks that the next index follows the highest accepted one, and that an
// unreadable record does not change it.
func TestNextIndex(t *testing.T) {
	var tracker Tracker
	require.Zero(t, tracker.NextIndex())
	observeAll(&tracker, 7)
	require.EqualValues(t, 8, tracker.NextIndex())
	tx := tracker.Begin()
	tx.ObserveUnreadable(8)
	tx.Commit()
	require.EqualValues(t, 8, tracker.NextIndex())
}

// TestUnreadableFirst checks that the first record of a session can be unreadable, and
// that an index skipped by the next record is reported as missing.
func TestUnreadableFirst(t *testing.T) {
	var tracker Tracker
	tx := tracker.Begin()
	require.False(t, tx.ObserveUnreadable(10))
	require.Equal(t, Verdict{Missing: []Range{{11, 11}}}, tx.Observe(12, 0))
}

// TestUnreadableAfterRestore checks that an unreadable record that skipped an index is not
// counted as missing after Restore.
func TestUnreadableAfterRestore(t *testing.T) {
	var tracker, restored Tracker
	observeAll(&tracker, 0)
	tx := tracker.Begin()
	tx.ObserveUnreadable(2)
	tx.Commit()
	restored.Restore(tracker.State())
	require.Equal(t, Verdict{Missing: []Range{{1, 1}, {3, 3}}}, restored.Begin().Observe(4, 0))
}

// TestTruncation checks that a tracker remembers the highest missing or unreadable index among
// the ranges that it removed, and that a later record does not cause an index below the end of
// these ranges to be counted as missing.
func TestTruncation(t *testing.T) {
	tracker := Tracker{limit: 2}
	observeAll(&tracker, 0, 2)
	require.False(t, tracker.Truncated())
	observeAll(&tracker, 4, 6) // 1, 3 and 5 are missing
	require.True(t, tracker.Truncated())
	observeAll(&tracker, 3, 5)
	require.Zero(t, tracker.Missing())
	require.True(t, tracker.MissingAfter(0), "MissingAfter does not report record 1")
	require.False(t, tracker.MissingAfter(1))

	tracker = Tracker{limit: 2}
	observeAll(&tracker, 0)
	tx := tracker.Begin()
	for _, unreadable := range []uint64{1, 3, 5} {
		tx.ObserveUnreadable(unreadable)
	}
	tx.Commit()
	observeAll(&tracker, 2, 3, 4, 5)
	require.True(t, tracker.MissingAfter(0), "MissingAfter does not report record 1, which was unreadable")
	require.False(t, tracker.MissingAfter(1))

	tracker = Tracker{limit: 2}
	observeAll(&tracker, 500, 3, 10)
	require.True(t, tracker.Truncated())
	require.Equal(t, Verdict{}, tracker.Begin().Observe(2, 2))
}

// TestBytes checks that the memory of a tracker includes that of each of its sets.
func TestBytes(t *testing.T) {
	var tracker Tracker
	tx := tracker.Begin()
	for index := uint64(0); index < 1000; index += 4 {
		tx.Observe(index, 0)
		tx.ObserveUnreadable(index + 2)
	}
	tx.Commit()
	sets, ranges := []*Ranges{&tracker.accepted, &tracker.unreadable, &tracker.missing, &tracker.accounted}, 0
	for _, set := range sets {
		require.NotZero(t, set.Count())
		ranges += len(set.ranges)
	}
	require.GreaterOrEqual(t, tracker.Bytes(), ranges*rangeBytes)
	require.Less(t, tracker.Bytes(), 3*ranges*rangeBytes)
	for i, set := range sets {
		before := tracker.Bytes()
		*set = Ranges{}
		require.Less(t, tracker.Bytes(), before, "set %d is not included", i)
	}
}
