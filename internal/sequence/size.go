package sequence

// rangeBytes is what a range takes in memory.
const rangeBytes = 16

// IsEmpty reports whether no index is in the set.
func (s *Ranges) IsEmpty() bool { return len(s.runs) == 0 }

// Bytes is what the set holds in memory.
func (s *Ranges) Bytes() int { return rangeBytes * cap(s.runs) }

// Bytes is what the tracker holds in memory.
func (t *Tracker) Bytes() int { return t.seen.Bytes() + t.missing.Bytes() }
