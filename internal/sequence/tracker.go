package sequence

// maxRuns limits the ranges of each set of a tracker. Above the limit the lowest
// ranges are dropped.
const maxRuns = 1 << 12

// Tracker knows which records of one session were accepted and which are missing.
// Only Transaction.Commit changes it. Its owner guards it. The zero value is a
// session without records.
type Tracker struct {
	// seen are the accepted indices; unreadable are those of records that arrived,
	// could not be read, and were not accepted later.
	seen, unreadable Ranges
	// missing are the indices that were skipped and have not arrived since.
	missing Ranges
	// accounted is the union of these sets. An index in it is never counted as
	// missing again.
	accounted Ranges
	// high is the highest index that arrived, valid if started.
	high    uint64
	started bool
	// truncatedBelow is the index below which ranges were dropped; 0 if none was.
	// highestDropped is the highest missing index among them.
	truncatedBelow, highestDropped uint64
	// limit replaces maxRuns in tests.
	limit int
}

// Verdict is the tracker's result for a record.
type Verdict struct {
	// Repeated is set if the record was accepted before. No other field is set then.
	Repeated bool
	// Recovered is set if the record was counted as missing.
	Recovered bool
	// Missing are the indices that this record shows to be missing. Each index
	// appears once in the life of a session.
	Missing []Range
}

// Missing returns the number of records that are missing now.
func (t *Tracker) Missing() uint64 { return t.missing.Count() }

// MissingAfter reports whether a record above the index is missing, may be missing,
// or could not be read.
func (t *Tracker) MissingAfter(index uint64) bool {
	return t.missing.hasAbove(index) || t.unreadable.hasAbove(index) || t.highestDropped > index
}

// Truncated reports whether ranges were dropped. A duplicate among them is accepted
// as new.
func (t *Tracker) Truncated() bool { return t.truncatedBelow > 0 }

// Begin starts a transaction. The tracker must not change until it is committed or
// dropped.
func (t *Tracker) Begin() *Transaction {
	tx := &Transaction{base: t, high: t.high, started: t.started}
	tx.seen.runs, tx.accounted.runs = tx.firstRanges[0:0:1], tx.firstRanges[1:1:2]
	return tx
}

// bound drops the lowest ranges above the limit. A record in a dropped range is
// accepted as new, because a duplicate is harmless and a loss is not. An index below
// truncatedBelow is not counted as missing again.
func (t *Tracker) bound() {
	limit := t.limit
	if limit == 0 {
		limit = maxRuns
	}
	for _, ranges := range []*Ranges{&t.seen, &t.unreadable, &t.missing, &t.accounted} {
		below := ranges.Bound(limit)
		t.truncatedBelow = max(t.truncatedBelow, below)
		if ranges == &t.missing && below > 0 {
			t.highestDropped = max(t.highestDropped, below-1)
		}
	}
}

// Bytes returns the memory that the tracker uses.
func (t *Tracker) Bytes() int {
	return t.seen.Bytes() + t.unreadable.Bytes() + t.missing.Bytes() + t.accounted.Bytes()
}

// State is what is saved of a tracker.
type State struct {
	Seen, Unreadable, Missing []Range
	// High is the highest index that arrived, valid if Started.
	High    uint64
	Started bool
	// TruncatedBelow is the index below which ranges were dropped, HighestDropped the
	// highest missing index among them.
	TruncatedBelow, HighestDropped uint64
}

// State returns what must be saved. It must not be changed.
func (t *Tracker) State() State {
	return State{
		Seen: t.seen.runs, Unreadable: t.unreadable.runs, Missing: t.missing.runs, High: t.high, Started: t.started,
		TruncatedBelow: t.truncatedBelow, HighestDropped: t.highestDropped,
	}
}

// Restore sets the tracker to a saved state. It keeps the ranges, which must ascend.
func (t *Tracker) Restore(from State) {
	t.seen.runs, t.unreadable.runs, t.missing.runs = from.Seen, from.Unreadable, from.Missing
	t.high, t.started, t.truncatedBelow, t.highestDropped = from.High, from.Started, from.TruncatedBelow, from.HighestDropped
	for _, ranges := range []*Ranges{&t.seen, &t.unreadable, &t.missing} {
		for run := range ranges.All() {
			t.accounted.Add(run)
		}
	}
}

// NextIndex returns the index after the highest one that arrived.
func (t *Tracker) NextIndex() uint64 {
	if !t.started {
		return 0
	}
	return t.high + 1
}
