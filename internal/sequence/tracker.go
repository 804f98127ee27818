package sequence

// maxRuns bounds the ranges that a tracker keeps of each kind. Beyond it the lowest
// are forgotten.
const maxRuns = 1 << 12

// Tracker knows which records of one session were accepted and which are
// missing. Only Transaction.Commit changes it; its owner guards it.
// The zero value is a session of which nothing came yet.
type Tracker struct {
	// seen were accepted; heard arrived, could not be read, and are not accepted since.
	seen, unreadable Ranges
	// missing were shown to be missing and have not come since.
	missing Ranges
	// accounted are all of these: an index that is in it is never missing again.
	accounted Ranges
	// high is the highest index that arrived, valid once started.
	high    uint64
	started bool
	// forgotten is the index below which not all that is known of indices is kept; 0
	// if all is. lost is the highest missing index among what is not.
	truncatedBelow, highestDropped uint64
	// most is maxRuns, or fewer in tests.
	limit int
}

// Verdict is what the tracker makes of a record.
type Verdict struct {
	// Repeated: accepted before. Then nothing else is set.
	Repeated bool
	// Recovered: it had been counted as missing and came after all.
	Recovered bool
	// Missing are the records that this one shows to be missing; each index is
	// in it once in the life of a session.
	Missing []Range
}

// Missing is the number of records that are still missing.
func (t *Tracker) Missing() uint64 { return t.missing.Count() }

// MissingAfter reports whether a record above the index is missing, or may be, or could
// not be read.
func (t *Tracker) MissingAfter(index uint64) bool {
	return t.missing.hasAbove(index) || t.unreadable.hasAbove(index) || t.highestDropped > index
}

// Unsure reports whether a part of what was known is forgotten: a record of it that
// comes again is taken for new.
func (t *Tracker) Truncated() bool { return t.truncatedBelow > 0 }

// Begin starts a transaction over the tracker, which must not change until the
// transaction is committed or dropped.
func (t *Tracker) Begin() *Transaction {
	tx := &Transaction{base: t, high: t.high, started: t.started}
	tx.seen.runs, tx.accounted.runs = tx.few[0:0:1], tx.few[1:1:2]
	return tx
}

// bound forgets what is beyond the bound, the lowest first. A record of a forgotten
// range is taken for new: a repeat is harmless, and a loss is not. An index below what
// is forgotten is not counted as missing again.
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

// Bytes is what the tracker holds in memory.
func (t *Tracker) Bytes() int {
	return t.seen.Bytes() + t.unreadable.Bytes() + t.missing.Bytes() + t.accounted.Bytes()
}

// State is what a tracker knows, to be kept over a restart of the receiver.
type State struct {
	Seen, Unreadable, Missing []Range
	// High is the highest index that arrived, valid once Started.
	High    uint64
	Started bool
	// Forgotten is the index below which not all is kept, Lost the highest missing one
	// among what is not.
	TruncatedBelow, HighestDropped uint64
}

// State is what the tracker knows. It must not be changed.
func (t *Tracker) State() State {
	return State{
		Seen: t.seen.runs, Unreadable: t.unreadable.runs, Missing: t.missing.runs, High: t.high, Started: t.started,
		TruncatedBelow: t.truncatedBelow, HighestDropped: t.highestDropped,
	}
}

// Restore makes the tracker know what another knew. It takes the ranges, which
// ascend.
func (t *Tracker) Restore(from State) {
	t.seen.runs, t.unreadable.runs, t.missing.runs = from.Seen, from.Unreadable, from.Missing
	t.high, t.started, t.truncatedBelow, t.highestDropped = from.High, from.Started, from.TruncatedBelow, from.HighestDropped
	for _, ranges := range []*Ranges{&t.seen, &t.unreadable, &t.missing} {
		for run := range ranges.All() {
			t.accounted.Add(run)
		}
	}
}

// Next is the index after the highest that arrived.
func (t *Tracker) NextIndex() uint64 {
	if !t.started {
		return 0
	}
	return t.high + 1
}
