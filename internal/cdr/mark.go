package cdr

// Mark is a place in a document between two items that Records yields, or
// before the first or behind the last. It is small and holds nothing of the body.
type Mark struct {
	place    place
	number   int
	replaced int
	done     bool
}

// Mark returns the place behind the item that was yielded last. It may be taken
// inside a loop over Records.
func (d *Document) Mark() Mark {
	return Mark{place: d.scan.place, number: d.number, replaced: d.Replaced, done: d.done}
}

// Rewind goes to a place that Mark returned for this document. Records yields
// the same items from there each time, and Replaced is again what it was.
func (d *Document) Rewind(to Mark) {
	d.scan.place, d.scan.depth, d.scan.replaced = to.place, 1, to.replaced
	d.number, d.Replaced, d.done = to.number, to.replaced, to.done
	d.badErr = nil
}
