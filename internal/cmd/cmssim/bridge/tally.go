package bridge

import (
	"math"
	"sync"
	"time"
)

// Tally counts the POSTs of a run; the Call Bridges share it.
type Tally struct {
	mu     sync.Mutex
	totals Totals
	// latencies holds the answers by the logarithm of their time, in steps of five percent from one
	// microsecond: exact enough to be told, and as small for a day as for a second.
	latencies [512]int
}

// Totals are a Tally at one time.
type Totals struct {
	Posts        int           `json:"posts"`
	Resends      int           `json:"resends"`      // POSTs that were not a document's first
	Refused      int           `json:"refused"`      // POSTs that got another answer than 200 OK
	Unanswered   int           `json:"unanswered"`   // POSTs that got no answer
	Acknowledged int           `json:"acknowledged"` // records, for each receiver
	P50          time.Duration `json:"p50_ns"`       // until the answer
	P99          time.Duration `json:"p99_ns"`
}

const step = 1.05

func (t *Tally) answered(again, ok bool, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.posted(again)
	if !ok {
		t.totals.Refused++
	}
	place := math.Log(max(1, float64(took)/float64(time.Microsecond))) / math.Log(step)
	t.latencies[min(int(place), len(t.latencies)-1)]++
}

func (t *Tally) unanswered(again bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.posted(again)
	t.totals.Unanswered++
}

func (t *Tally) posted(again bool) {
	t.totals.Posts++
	if again {
		t.totals.Resends++
	}
}

func (t *Tally) acknowledged(records int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.totals.Acknowledged += records
}

// Totals are the counts so far.
func (t *Tally) Totals() Totals {
	t.mu.Lock()
	defer t.mu.Unlock()
	totals := t.totals
	totals.P50, totals.P99 = t.quantile(0.5), t.quantile(0.99)
	return totals
}

// quantile is a time within which this share of the answers came.
func (t *Tally) quantile(share float64) time.Duration {
	answers := t.totals.Posts - t.totals.Unanswered
	left := int(math.Ceil(share * float64(answers)))
	for place, n := range t.latencies {
		if left -= n; n > 0 && left <= 0 {
			return time.Duration(math.Pow(step, float64(place+1)) * float64(time.Microsecond)).Round(time.Microsecond)
		}
	}
	return 0
}
