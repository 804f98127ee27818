package expect

import (
	"maps"
	"slices"
	"sync"
)

// Ledger holds the sessions of a run. It may be used from several goroutines.
type Ledger struct {
	silent bool

	mu      sync.Mutex // guards everything below, and the sessions
	counts  Counts
	bridges map[int][]*Session // by Call Bridge, in the order of their beginning
}

// Settings say what a ledger keeps and what Call Bridges tell.
type Settings struct {
	IDs    bool // list the ids of what ended; they are many
	Silent bool // records do not tell what is missing before them
}

// NewLedger begins a run.
func NewLedger(settings Settings) *Ledger {
	l := &Ledger{silent: settings.Silent, counts: newCounts(), bridges: map[int][]*Session{}}
	if settings.IDs {
		l.counts.Ended = &Ended{Calls: []string{}, CallLegs: []string{}}
	}
	return l
}

// Session begins a session of a Call Bridge; what the one before it left open is interrupted as soon as the
// new one is heard of.
func (l *Ledger) Session(bridge int) *Session {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &Session{
		ledger: l, calls: map[string]string{}, legs: map[string]string{},
		recordings: map[string]bool{}, streamings: map[string]bool{},
	}
	l.bridges[bridge] = append(l.bridges[bridge], s)
	return s
}

// Counts closes the run: what is not acknowledged by now never was. It can be called once.
func (l *Ledger) Counts() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, bridge := range slices.Sorted(maps.Keys(l.bridges)) {
		heard := false
		for _, s := range slices.Backward(l.bridges[bridge]) {
			l.close(s)
			switch {
			case s.acknowledged == 0:
				l.counts.SessionsMissed++
				continue
			case heard:
				l.counts.Restarts++
				s.open(&l.counts.Interrupted)
			default:
				s.open(&l.counts.Open)
			}
			l.counts.Sessions++
			heard = true
		}
	}
	return l.counts
}

// close counts a session's records that some receivers never settled.
func (l *Ledger) close(s *Session) {
	for _, r := range s.reported {
		if r.waiting > 0 && !r.acknowledged {
			l.counts.Unacknowledged++
			continue
		}
		s.count(r)
	}
	s.reported = nil
	l.counts.MissingUntold += s.gone
}
