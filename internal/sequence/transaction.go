package sequence

// Transaction is what the records of a document would change. Dropped, nothing
// has happened.
type Transaction struct {
	base          *Tracker
	seen, missing Ranges
	// recovered are those of the base's missing that came in this transaction.
	recovered Ranges
	high      uint64
	started   bool
	// covered are indices all of which were accepted or counted as missing.
	covered Range
}

// Observe takes the record of that index, which says that preceding records
// before it are missing (0: it says nothing).
//
// A session's first record shows no gap by its index alone: the receiver may
// have been configured late. A jump beyond the highest index is a gap; where
// preceding differs from it, the jump wins, as both tell of the same loss. A
// record from below the highest index, of a receiver URI that is behind, shows
// what it says is missing and was neither accepted nor counted before.
func (t *Transaction) Observe(index, preceding uint64) Verdict {
	if t.base.seen.Contains(index) || t.seen.Contains(index) {
		return Verdict{Repeated: true}
	}
	t.seen.Add(Range{index, index})
	t.seen.joinOldest(maxRuns)
	verdict := Verdict{Recovered: t.recover(index)}
	switch {
	case t.started && index > t.high:
		if index > t.high+1 {
			verdict.Missing = []Range{{t.high + 1, index - 1}}
		}
	case preceding > 0 && index > 0:
		verdict.Missing = t.unheard(Range{index - min(preceding, index), index - 1})
	}
	for _, gap := range verdict.Missing {
		t.missing.Add(gap)
	}
	t.missing.Bound(maxRuns)
	if !t.started || index > t.high {
		t.high, t.started = index, true
	}
	return verdict
}

// recover reports whether the index had been counted as missing.
func (t *Transaction) recover(index uint64) bool {
	if t.missing.Contains(index) {
		t.missing.Remove(Range{index, index})
		return true
	}
	if t.base.missing.Contains(index) {
		t.recovered.Add(Range{index, index})
		t.recovered.Bound(maxRuns)
		return true
	}
	return false
}

// unheard returns what of r was neither accepted nor counted as missing.
func (t *Transaction) unheard(r Range) []Range {
	if t.covered.First <= r.First && r.Last <= t.covered.Last {
		return nil // many records that say so cost no more than the first
	}
	t.covered = r
	rest := []Range{r}
	for _, known := range []*Ranges{&t.base.seen, &t.seen, &t.base.missing, &t.missing} {
		var left []Range
		for _, r := range rest {
			for part := range known.Without(r) {
				left = append(left, part)
			}
		}
		rest = left
	}
	return rest
}

// Commit makes the transaction's changes the tracker's own.
func (t *Transaction) Commit() {
	for run := range t.seen.All() {
		t.base.seen.Add(run)
	}
	for run := range t.recovered.All() {
		t.base.missing.Remove(run)
	}
	for run := range t.missing.All() {
		t.base.missing.Add(run)
	}
	t.base.high, t.base.started = t.high, t.started
	t.base.seen.joinOldest(maxRuns)
	t.base.missing.Bound(maxRuns)
}
