package sequence

// maxRanges limits the number of ranges of each set of a tracker. Above the limit the
// lowest ranges are removed.
const maxRanges = 1 << 12

// Tracker holds which records of one session were accepted and which are missing.
// Only Transaction.Commit and Restore change it. Its owner guards it. The zero value
// is for a session without records.
type Tracker struct {
	// accepted are the indices of accepted records; unreadable are those of records
	// that arrived, could not be read, and were not accepted later.
	accepted, unreadable Ranges
	// missing are the indices that were skipped and have not arrived since.
	missing Ranges
	// accounted is the union of these sets, except that truncate can remove a range from one
	// of the four sets and keep it in another. An index in it is not counted as missing again.
	accounted Ranges
	// highestIndex is the highest index that arrived, valid if started is set. An
	// unreadable record that skips indices does not raise it.
	highestIndex uint64
	started      bool
	// truncatedBelow is the index below which ranges were removed; 0 if none was.
	// highestRemoved is the highest missing or unreadable index in removed ranges.
	truncatedBelow, highestRemoved uint64
	// limit replaces maxRanges in tests.
	limit int
}

// Verdict is the tracker's result for a record.
type Verdict struct {
	// Duplicate is set if the record was accepted before. No other field is set then.
	Duplicate bool
	// Recovered is set if the record was counted as missing.
	Recovered bool
	// Missing are the indices that this record shows to be missing. Each index
	// is reported once in the life of a session.
	Missing []Range
}

// Missing returns the number of records that are missing now.
func (t *Tracker) Missing() uint64 { return t.missing.Count() }

// MissingAfter reports whether a record with a higher index is missing, may be
// missing, or could not be read.
func (t *Tracker) MissingAfter(index uint64) bool {
	return t.missing.hasAbove(index) || t.unreadable.hasAbove(index) || t.highestRemoved > index
}

// Truncated reports whether ranges were removed. A duplicate with an index in them is
// accepted as new.
func (t *Tracker) Truncated() bool { return t.truncatedBelow > 0 }

// Begin starts a transaction. The tracker must not change until the transaction is
// committed or dropped.
func (t *Tracker) Begin() *Transaction {
	tx := &Transaction{base: t, highestIndex: t.highestIndex, started: t.started}
	tx.accepted.ranges, tx.accounted.ranges = tx.firstRanges[0:0:1], tx.firstRanges[1:1:2]
	return tx
}

// truncate removes the lowest ranges of each set that has more than the limit. A record
// with an index that is in no accepted range any more is accepted as new, because a
// duplicate is harmless and a loss is not.
// No index below truncatedBelow is counted as missing, because it may have been counted
// before.
func (t *Tracker) truncate() {
	limit := t.limit
	if limit == 0 {
		limit = maxRanges
	}
	for _, set := range []*Ranges{&t.accepted, &t.unreadable, &t.missing, &t.accounted} {
		below := set.Truncate(limit)
		t.truncatedBelow = max(t.truncatedBelow, below)
		if (set == &t.missing || set == &t.unreadable) && below > 0 {
			t.highestRemoved = max(t.highestRemoved, below-1)
		}
	}
}

// Bytes returns the memory that the tracker's ranges use, in bytes.
func (t *Tracker) Bytes() int {
	return t.accepted.Bytes() + t.unreadable.Bytes() + t.missing.Bytes() + t.accounted.Bytes()
}

// State is what is saved of a tracker.
type State struct {
	Accepted, Unreadable, Missing []Range
	// HighestIndex is the tracker's highestIndex, valid if Started is set.
	HighestIndex uint64
	Started      bool
	// TruncatedBelow is the index below which ranges were removed; 0 if none was.
	// HighestRemoved is the highest missing or unreadable index in removed ranges.
	TruncatedBelow, HighestRemoved uint64
}

// State returns what must be saved. It shares its ranges with the tracker, so it must
// not be changed, and is valid until the tracker changes.
func (t *Tracker) State() State {
	return State{
		Accepted: t.accepted.ranges, Unreadable: t.unreadable.ranges, Missing: t.missing.ranges, HighestIndex: t.highestIndex, Started: t.started,
		TruncatedBelow: t.truncatedBelow, HighestRemoved: t.highestRemoved,
	}
}

// Restore sets the zero tracker to a saved state. It keeps the ranges, which must
// ascend.
func (t *Tracker) Restore(from State) {
	t.accepted.ranges, t.unreadable.ranges, t.missing.ranges = from.Accepted, from.Unreadable, from.Missing
	t.highestIndex, t.started, t.truncatedBelow, t.highestRemoved = from.HighestIndex, from.Started, from.TruncatedBelow, from.HighestRemoved
	for _, set := range []*Ranges{&t.accepted, &t.unreadable, &t.missing} {
		for r := range set.All() {
			t.accounted.Add(r)
		}
	}
}

// NextIndex returns the index after the highest accepted one, 0 if no record was accepted.
// An unreadable record with a higher index does not count, because a readable record with
// its index is still new and follows all accepted ones.
func (t *Tracker) NextIndex() uint64 {
	if t.accepted.IsEmpty() {
		return 0
	}
	return t.accepted.ranges[len(t.accepted.ranges)-1].Last + 1
}
