package expect

import "sync"

// Ledger holds the sessions of a run. It is safe for concurrent use.
type Ledger struct {
	mu       sync.Mutex // guards the fields below, and those of each Session
	counts   Counts
	sessions map[int][]*Session // by Call Bridge, oldest first
}

// NewLedger returns the ledger of a new run.
func NewLedger() *Ledger { return &Ledger{counts: newCounts(), sessions: map[int][]*Session{}} }

// NewSession returns a new session of a Call Bridge. The first acknowledged record of a session interrupts the open
// entities of earlier sessions of the Call Bridge.
func (l *Ledger) NewSession(bridge int) *Session {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &Session{
		ledger: l, calls: map[string]string{}, legs: map[string]string{},
		recordings: map[string]bool{}, streamings: map[string]bool{},
	}
	l.sessions[bridge] = append(l.sessions[bridge], s)
	return s
}

// Counts returns the expectation. It must be called once, after the run.
func (l *Ledger) Counts() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, sessions := range l.sessions {
		for i, s := range sessions {
			l.counts.Unacknowledged += s.reported - s.acknowledged
			l.counts.MissingUndetected += s.lost - s.missing()
			switch {
			case s.acknowledged == 0:
				continue
			case replaced(sessions[i+1:]):
				l.counts.Restarts++
				s.addOpen(&l.counts.Interrupted)
			default:
				s.addOpen(&l.counts.Open)
			}
			l.counts.Sessions++
		}
	}
	return l.counts
}

// replaced reports whether a record of a newer session was acknowledged.
func replaced(newer []*Session) bool {
	for _, s := range newer {
		if s.acknowledged > 0 {
			return true
		}
	}
	return false
}
