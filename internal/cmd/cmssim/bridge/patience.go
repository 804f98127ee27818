package bridge

import (
	"fmt"
	"net/url"
	"sync"
	"time"
)

// Patience is shared by the Call Bridges of a run. It says once what is wrong with a receiver, and ends when
// nothing has been acknowledged to anyone for too long.
type Patience struct {
	giveUp time.Duration
	say    func(string)

	mu   sync.Mutex
	last time.Time // of the last success, or the beginning
	said map[string]bool
}

// NewPatience begins to wait. A giveUp of 0 waits for ever.
func NewPatience(giveUp time.Duration, say func(string)) *Patience {
	return &Patience{giveUp: giveUp, say: say, last: time.Now(), said: map[string]bool{}}
}

func (p *Patience) succeeded() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = time.Now()
}

// failed takes note of a failure, and returns an error if it was one too many.
func (p *Patience) failed(uri string, err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	place := place(uri)
	if !p.said[place] {
		p.said[place] = true
		p.say(fmt.Sprintf("%s %v; sending again until it says 200 OK", place, err))
	}
	if waited := time.Since(p.last); p.giveUp > 0 && waited >= p.giveUp {
		return fmt.Errorf("gave up after %s without an acknowledged record: %s %w", waited.Round(time.Second), place, err)
	}
	return nil
}

// place is the part of a URI that can be shown: the path and the query may hold a secret.
func place(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return "the receiver"
	}
	return u.Scheme + "://" + u.Host
}
