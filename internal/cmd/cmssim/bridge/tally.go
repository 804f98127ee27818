package bridge

import "sync"

// Tally counts the POSTs and the acknowledged records of a run. All Call Bridges of the run share it. It is safe for concurrent use.
type Tally struct {
	mu     sync.Mutex
	totals Totals
}

// Totals are the counts of a Tally.
type Totals struct {
	Posts        int
	Resends      int // POSTs that retry a document
	Refused      int // POSTs with an answer other than 200 OK
	Unanswered   int // POSTs without an answer; a 200 that the simulated network loses counts as an answer
	Acknowledged int // records
}

// Totals returns the counts so far.
func (t *Tally) Totals() Totals {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.totals
}

func (t *Tally) answered(retry, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.posted(retry)
	if !ok {
		t.totals.Refused++
	}
}

func (t *Tally) unanswered(retry bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.posted(retry)
	t.totals.Unanswered++
}

func (t *Tally) posted(retry bool) {
	t.totals.Posts++
	if retry {
		t.totals.Resends++
	}
}

func (t *Tally) acknowledged(records int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.totals.Acknowledged += records
}
