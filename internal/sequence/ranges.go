package sequence

import (
	"iter"
	"slices"
)

// Range is a range of indices that includes both ends.
type Range struct{ First, Last uint64 }

// Count returns the number of indices in the range.
func (r Range) Count() uint64 { return r.Last - r.First + 1 }

// Ranges is a set of indices, stored as ascending ranges that neither overlap nor
// touch. A session without losses is one range, however long it lasts. The zero value
// is the empty set.
type Ranges struct{ runs []Range }

// All yields the ranges in ascending order.
func (s *Ranges) All() iter.Seq[Range] { return slices.Values(s.runs) }

// Count returns the number of indices in the set.
func (s *Ranges) Count() (n uint64) {
	for _, run := range s.runs {
		n += run.Count()
	}
	return n
}

// Contains reports whether the index is in the set.
func (s *Ranges) Contains(index uint64) bool {
	_, inside := s.find(index)
	return inside
}

// find returns the position of the range that contains the index, or where it would
// be.
func (s *Ranges) find(index uint64) (int, bool) {
	return slices.BinarySearchFunc(s.runs, index, func(run Range, index uint64) int {
		switch {
		case run.Last < index:
			return -1
		case run.First > index:
			return 1
		default:
			return 0
		}
	})
}

// Add adds the range, and joins the ranges that it overlaps or touches.
func (s *Ranges) Add(add Range) {
	if n := len(s.runs); n > 0 && add.First > 0 && s.runs[n-1].Last == add.First-1 {
		s.runs[n-1].Last = add.Last // the next record, which is by far the most frequent case
		return
	}
	from, to := s.touching(add)
	if from < to {
		add.First = min(add.First, s.runs[from].First)
		add.Last = max(add.Last, s.runs[to-1].Last)
	}
	s.runs = slices.Replace(s.runs, from, to, add)
}

// touching returns the half-open interval of ranges that overlap or touch r.
func (s *Ranges) touching(r Range) (from, to int) {
	for from, _ = s.find(r.First); from > 0 && s.runs[from-1].Last+1 == r.First; from-- {
	}
	for to = from; to < len(s.runs) && (s.runs[to].First <= r.Last || s.runs[to].First-1 == r.Last); to++ {
	}
	return from, to
}

// Remove removes the indices of r.
func (s *Ranges) Remove(r Range) {
	from, _ := s.find(r.First)
	to := from
	var rest []Range
	for ; to < len(s.runs) && s.runs[to].First <= r.Last; to++ {
		if run := s.runs[to]; run.First < r.First {
			rest = append(rest, Range{run.First, r.First - 1})
		}
		if run := s.runs[to]; run.Last > r.Last {
			rest = append(rest, Range{r.Last + 1, run.Last})
		}
	}
	s.runs = slices.Replace(s.runs, from, to, rest...)
}

// Without yields the parts of r that are not in the set, in ascending order.
func (s *Ranges) Without(r Range) iter.Seq[Range] {
	return func(yield func(Range) bool) {
		at, _ := s.find(r.First)
		for ; at < len(s.runs) && s.runs[at].First <= r.Last; at++ {
			run := s.runs[at]
			if r.First < run.First && !yield(Range{r.First, run.First - 1}) {
				return
			}
			if run.Last >= r.Last {
				return
			}
			r.First = run.Last + 1
		}
		yield(r)
	}
}

// Bound drops the lowest ranges above the limit, and returns the index below which
// ranges were dropped; 0 if none was.
func (s *Ranges) Bound(limit int) (below uint64) {
	if extra := len(s.runs) - limit; extra > 0 {
		below = s.runs[extra-1].Last + 1
		s.runs = slices.Delete(s.runs, 0, extra)
	}
	return below
}

// hasAbove reports whether the set has an index above the given one.
func (s *Ranges) hasAbove(index uint64) bool {
	n := len(s.runs)
	return n > 0 && s.runs[n-1].Last > index
}

// IsEmpty reports whether the set has no index.
func (s *Ranges) IsEmpty() bool { return len(s.runs) == 0 }

// rangeBytes is the memory of a range.
const rangeBytes = 16

// Bytes returns the memory that the set uses.
func (s *Ranges) Bytes() int { return rangeBytes * cap(s.runs) }

// RunsOf sorts the indices and returns their ranges in ascending order.
func RunsOf(indices []uint64) (runs []Range) {
	slices.Sort(indices)
	for _, index := range indices {
		if n := len(runs); n > 0 && runs[n-1].Last+1 >= index {
			runs[n-1].Last = index
		} else {
			runs = append(runs, Range{index, index})
		}
	}
	return runs
}
