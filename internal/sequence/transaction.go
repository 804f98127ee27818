package sequence

// Transaction stages the records of a slice or of a part of it. A transaction that is not
// committed changes nothing. Its cost is at most that of a pass over the tracker's ranges
// for each record and for each missing range that the records show.
type Transaction struct {
	base *Tracker
	// These are added to the sets of the tracker.
	accepted, unreadable, missing, accounted Ranges
	// recovered are the tracker's missing indices that arrived in this transaction.
	recovered    Ranges
	highestIndex uint64
	started      bool
	// firstRanges is the memory for the first ranges of accepted and accounted.
	firstRanges [2]Range
}

// Observe stages the record with that index. preceding is the number of missing
// records before it that the record itself reports, 0 for none.
//
// The index of a session's first record shows no gap, because the receiver may have
// been configured after the session began. Later, skipped indices above the highest
// one are a gap. If preceding differs from their number, their number is used, because
// both report the same loss. If none are skipped, the preceding indices are counted. In
// both cases, indices that arrived or are already counted as missing are left out:
// preceding may be about records that were lost for the receiver URI of this record and
// arrived through another one.
func (t *Transaction) Observe(index, preceding uint64) Verdict {
	if t.base.accepted.Contains(index) || t.accepted.Contains(index) {
		return Verdict{Duplicate: true}
	}
	verdict := Verdict{Recovered: t.takeMissing(index)}
	switch {
	case t.started && index > t.highestIndex+1:
		verdict.Missing = t.countMissing(Range{t.highestIndex + 1, index - 1})
	case preceding > 0 && index > 0:
		verdict.Missing = t.countMissing(Range{index - min(preceding, index), index - 1})
	}
	t.accepted.Add(Range{index, index})
	t.advance(index)
	return verdict
}

// ObserveUnreadable stages a record that arrived and could not be read, and reports
// whether it was counted as missing before. From then on its index is not missing. Indices
// that it skips are counted only when a readable record above them arrives. A readable
// record with its index is still new.
func (t *Transaction) ObserveUnreadable(index uint64) (recovered bool) {
	if t.base.accepted.Contains(index) || t.accepted.Contains(index) {
		return false
	}
	t.unreadable.Add(Range{index, index})
	recovered = t.takeMissing(index)
	if t.started && index > t.highestIndex+1 {
		t.accounted.Add(Range{index, index})
	} else {
		t.advance(index)
	}
	return recovered
}

// HasRecords reports whether the transaction has records that the tracker has not
// accepted, readable or not.
func (t *Transaction) HasRecords() bool { return !t.accepted.IsEmpty() || !t.unreadable.IsEmpty() }

// advance stages that a record with that index arrived, readable or not.
func (t *Transaction) advance(index uint64) {
	t.accounted.Add(Range{index, index})
	if !t.started || index > t.highestIndex {
		t.highestIndex, t.started = index, true
	}
}

// takeMissing removes the index from the missing ones and reports whether it was
// missing.
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

// countMissing adds the indices of r that are in no set, and not below the tracker's
// truncatedBelow, to the missing ones, and returns them.
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

// Commit applies the transaction to the tracker. The transaction must not be used again.
func (t *Transaction) Commit() {
	tracker := t.base
	for r := range t.recovered.All() {
		tracker.missing.Remove(r)
	}
	for _, set := range []struct{ tracked, added *Ranges }{
		{&tracker.accepted, &t.accepted}, {&tracker.unreadable, &t.unreadable}, {&tracker.missing, &t.missing}, {&tracker.accounted, &t.accounted},
	} {
		for r := range set.added.All() {
			set.tracked.Add(r)
		}
	}
	if !tracker.unreadable.IsEmpty() {
		for r := range t.accepted.All() {
			tracker.unreadable.Remove(r)
		}
	}
	tracker.highestIndex, tracker.started = t.highestIndex, t.started
	tracker.truncate()
}
