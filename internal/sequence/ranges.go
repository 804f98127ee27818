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
// touch. A session without losses is one range, regardless of its length. The zero
// value is the empty set. It has no lock; its owner guards it.
type Ranges struct{ ranges []Range }

// All yields the ranges in ascending order.
func (s *Ranges) All() iter.Seq[Range] { return slices.Values(s.ranges) }

// Count returns the number of indices in the set.
func (s *Ranges) Count() (n uint64) {
	for _, existing := range s.ranges {
		n += existing.Count()
	}
	return n
}

// Contains reports whether the index is in the set.
func (s *Ranges) Contains(index uint64) bool {
	_, contained := s.find(index)
	return contained
}

// find returns the position of the range that contains the index, or where to insert
// it, and whether a range contains it.
func (s *Ranges) find(index uint64) (position int, contained bool) {
	return slices.BinarySearchFunc(s.ranges, index, func(existing Range, index uint64) int {
		switch {
		case existing.Last < index:
			return -1
		case existing.First > index:
			return 1
		default:
			return 0
		}
	})
}

// Add adds the range, and joins it with those that it overlaps or touches.
func (s *Ranges) Add(r Range) {
	if n := len(s.ranges); n > 0 && r.First > 0 && s.ranges[n-1].Last == r.First-1 {
		s.ranges[n-1].Last = r.Last // the next record, which is by far the most frequent case
		return
	}
	from, to := s.touching(r)
	if from < to {
		r.First = min(r.First, s.ranges[from].First)
		r.Last = max(r.Last, s.ranges[to-1].Last)
	}
	s.ranges = slices.Replace(s.ranges, from, to, r)
}

// touching returns the positions [from, to) of the ranges that overlap or touch r.
func (s *Ranges) touching(r Range) (from, to int) {
	for from, _ = s.find(r.First); from > 0 && s.ranges[from-1].Last+1 == r.First; from-- {
	}
	for to = from; to < len(s.ranges) && (s.ranges[to].First <= r.Last || s.ranges[to].First-1 == r.Last); to++ {
	}
	return from, to
}

// Remove removes the indices of r.
func (s *Ranges) Remove(r Range) {
	from, _ := s.find(r.First)
	to := from
	var remaining []Range
	for ; to < len(s.ranges) && s.ranges[to].First <= r.Last; to++ {
		if existing := s.ranges[to]; existing.First < r.First {
			remaining = append(remaining, Range{existing.First, r.First - 1})
		}
		if existing := s.ranges[to]; existing.Last > r.Last {
			remaining = append(remaining, Range{r.Last + 1, existing.Last})
		}
	}
	s.ranges = slices.Replace(s.ranges, from, to, remaining...)
}

// Without yields the parts of r that are not in the set, in ascending order.
func (s *Ranges) Without(r Range) iter.Seq[Range] {
	return func(yield func(Range) bool) {
		rest := r
		position, _ := s.find(rest.First)
		for ; position < len(s.ranges) && s.ranges[position].First <= rest.Last; position++ {
			existing := s.ranges[position]
			if rest.First < existing.First && !yield(Range{rest.First, existing.First - 1}) {
				return
			}
			if existing.Last >= rest.Last {
				return
			}
			rest.First = existing.Last + 1
		}
		yield(rest)
	}
}

// Truncate removes the lowest ranges if there are more than limit, and returns the index
// below which all were removed; 0 if none was.
func (s *Ranges) Truncate(limit int) (below uint64) {
	if excess := len(s.ranges) - limit; excess > 0 {
		below = s.ranges[excess-1].Last + 1
		s.ranges = slices.Delete(s.ranges, 0, excess)
	}
	return below
}

// hasAbove reports whether the set has an index above the given one.
func (s *Ranges) hasAbove(index uint64) bool {
	n := len(s.ranges)
	return n > 0 && s.ranges[n-1].Last > index
}

// IsEmpty reports whether the set has no index.
func (s *Ranges) IsEmpty() bool { return len(s.ranges) == 0 }

// rangeBytes is the memory of a range in bytes.
const rangeBytes = 16

// Bytes returns the memory that the set uses, in bytes.
func (s *Ranges) Bytes() int { return rangeBytes * cap(s.ranges) }

// RangesOf returns the ranges of the indices in ascending order. It sorts indices in
// place.
func RangesOf(indices []uint64) (ranges []Range) {
	slices.Sort(indices)
	for _, index := range indices {
		if n := len(ranges); n > 0 && ranges[n-1].Last+1 >= index {
			ranges[n-1].Last = index
		} else {
			ranges = append(ranges, Range{index, index})
		}
	}
	return ranges
}
