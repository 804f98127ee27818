package correlate

// Bytes is what the session holds in memory.
func (s *Session) Bytes() int { return 1400*len(s.open) + 100*len(s.gone.ring) }
