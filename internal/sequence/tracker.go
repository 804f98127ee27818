package sequence

// maxRuns bounds what a session's tracker holds, and with it what one record can
// cost. Beyond it the oldest holes are taken for filled: a record that comes so
// late that 4,096 losses lie between counts as repeated.
const maxRuns = 1 << 12

// Tracker knows which records of one session were accepted and which are
// missing. Only Transaction.Commit changes it; its owner guards it.
// The zero value is a session of which nothing came yet.
type Tracker struct {
	seen Ranges
	// missing were shown to be missing and have not come since.
	missing Ranges
	// high is the highest index seen, valid once started.
	high    uint64
	started bool
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

// MissingAfter reports whether a record above the index is missing.
func (t *Tracker) MissingAfter(index uint64) bool {
	n := len(t.missing.runs)
	return n > 0 && t.missing.runs[n-1].Last > index
}

// Begin starts a transaction over the tracker, which must not change until the
// transaction is committed or dropped.
func (t *Tracker) Begin() *Transaction {
	return &Transaction{base: t, high: t.high, started: t.started}
}

// State is what a tracker knows, to be kept over a restart of the receiver.
type State struct {
	Seen, Missing []Range
	// High is the highest index seen, valid once Started.
	High    uint64
	Started bool
}

// State is what the tracker knows. It must not be changed.
func (t *Tracker) State() State {
	return State{Seen: t.seen.runs, Missing: t.missing.runs, High: t.high, Started: t.started}
}

// Restore makes the tracker know what another knew. It takes the ranges, which
// ascend.
func (t *Tracker) Restore(from State) {
	t.seen.runs, t.missing.runs, t.high, t.started = from.Seen, from.Missing, from.High, from.Started
}

// Next is the index after the highest that was seen.
func (t *Tracker) Next() uint64 {
	if !t.started {
		return 0
	}
	return t.high + 1
}
