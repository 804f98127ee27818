package sequence

// Transaction stages the records of a slice. A dropped transaction changes nothing.
// Its cost is linear in its records and in the tracker's ranges.
type Transaction struct {
	base *Tracker
	// The additions to the sets of the tracker.
	seen, unreadable, missing, accounted Ranges
	// recovered are the tracker's missing indices that arrived in this transaction.
	recovered Ranges
	high      uint64
	started   bool
	// firstRanges is the memory for the first ranges of seen and accounted.
	firstRanges [2]Range
}

// Observe stages the record of that index. preceding is the number of missing records
// that the record itself reports, 0 for none.
//
// The first record of a session shows no gap by its index, because the receiver may
// have been configured later. A jump beyond the highest index is a gap. If preceding
// differs from the jump, the jump counts, because both report the same loss. Without
// a jump, preceding counts only indices that the tracker does not know: for all
// others their own records decide, and another receiver URI may have lost what this
// one received.
func (t *Transaction) Observe(index, preceding uint64) Verdict {
	if t.base.seen.Contains(index) || t.seen.Contains(index) {
		return Verdict{Repeated: true}
	}
	verdict := Verdict{Recovered: t.takeMissing(index)}
	switch {
	case t.started && index > t.high+1:
		verdict.Missing = t.countMissing(Range{t.high + 1, index - 1})
	case preceding > 0 && index > 0:
		verdict.Missing = t.countMissing(Range{index - min(preceding, index), index - 1})
	}
	t.seen.Add(Range{index, index})
	t.advance(index)
	return verdict
}

// ObserveUnreadable stages a record that arrived and could not be read, and reports
// whether it was counted as missing. Its index is not missing, and a jump to it is
// not a gap. A readable record of that index is still new.
func (t *Transaction) ObserveUnreadable(index uint64) (recovered bool) {
	if t.base.seen.Contains(index) || t.seen.Contains(index) {
		return false
	}
	t.unreadable.Add(Range{index, index})
	recovered = t.takeMissing(index)
	if t.started && index > t.high+1 {
		t.accounted.Add(Range{index, index}) // the next readable record shows the gap
	} else {
		t.advance(index)
	}
	return recovered
}

// advance notes that a record of that index arrived, readable or not.
func (t *Transaction) advance(index uint64) {
	t.accounted.Add(Range{index, index})
	if !t.started || index > t.high {
		t.high, t.started = index, true
	}
}

// takeMissing removes the index from the missing ones and reports whether it was
// among them.
func (t *Transaction) takeMissing(index uint64) bool {
	if t.missing.Contains(index) {
		t.missing.Remove(Range{index, index})
		return true
	}
	if t.base.missing.Contains(index) && !t.recovered.Contains(index) {
		t.recovered.Add(Range{index, index})
		return true
	}
	return false
}

// countMissing adds the indices of r that are in no set to the missing ones, and
// returns them.
func (t *Transaction) countMissing(r Range) (missing []Range) {
	r.First = max(r.First, t.base.truncatedBelow)
	if r.First > r.Last {
		return nil
	}
	for part := range t.base.accounted.Without(r) {
		for gap := range t.accounted.Without(part) {
			missing = append(missing, gap)
		}
	}
	t.accounted.Add(r)
	for _, gap := range missing {
		t.missing.Add(gap)
	}
	return missing
}

// Commit applies the transaction to the tracker.
func (t *Transaction) Commit() {
	b := t.base
	for run := range t.recovered.All() {
		b.missing.Remove(run)
	}
	for _, add := range []struct{ to, from *Ranges }{
		{&b.seen, &t.seen}, {&b.unreadable, &t.unreadable}, {&b.missing, &t.missing}, {&b.accounted, &t.accounted},
	} {
		for run := range add.from.All() {
			add.to.Add(run)
		}
	}
	if !b.unreadable.IsEmpty() {
		for run := range t.seen.All() {
			b.unreadable.Remove(run)
		}
	}
	b.high, b.started = t.high, t.started
	b.bound()
}
