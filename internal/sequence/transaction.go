package sequence

// Transaction is what the records of a slice would change. Dropped, nothing has
// happened. Its cost grows with its records and with the ranges of the tracker, not
// with their product.
type Transaction struct {
	base *Tracker
	// What the transaction adds to the sets of the tracker.
	seen, unreadable, missing, accounted Ranges
	// found are those of the base's missing that arrived in this transaction.
	recovered Ranges
	high      uint64
	started   bool
	// few are the first ranges of what nearly every transaction adds to.
	few [2]Range
}

// Observe takes the record of that index, which says that preceding records
// before it are missing (0: it says nothing).
//
// A session's first record shows no gap by its index alone: the receiver may
// have been configured late. A jump beyond the highest index is a gap. Where
// preceding differs from the jump, the jump wins, as both tell of the same loss.
// Without a jump, preceding counts only indices of which nothing is known: for all
// others the index tells whether they came, and another receiver URI may have lost
// what this one has.
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

// Hear takes the index of a record that arrived and could not be read. It is not
// missing, and a jump to it is no gap; a good record of that index is still new. It
// reports whether it had been counted as missing.
func (t *Transaction) ObserveUnreadable(index uint64) (recovered bool) {
	if t.base.seen.Contains(index) || t.seen.Contains(index) {
		return false
	}
	t.unreadable.Add(Range{index, index})
	recovered = t.takeMissing(index)
	if t.started && index > t.high+1 {
		t.accounted.Add(Range{index, index}) // the next good record shows what lies between
	} else {
		t.advance(index)
	}
	return recovered
}

// arrive notes that something of that index came.
func (t *Transaction) advance(index uint64) {
	t.accounted.Add(Range{index, index})
	if !t.started || index > t.high {
		t.high, t.started = index, true
	}
}

// find reports whether the index had been counted as missing.
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

// unaccounted counts what of r is in no set as missing, and returns it.
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

// Commit makes the transaction's changes the tracker's own.
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
