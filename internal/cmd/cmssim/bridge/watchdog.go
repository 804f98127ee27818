package bridge

import (
	"fmt"
	"net/url"
	"sync"
	"time"
)

// Watchdog ends a run whose receiver acknowledges no document for too long. All Call Bridges of the run share it. It
// is safe for concurrent use.
type Watchdog struct {
	giveUp time.Duration
	warn   func(string)

	mu           sync.Mutex
	failingSince time.Time // first failure after the last success; zero if there is none
	warned       bool
}

// NewWatchdog returns a watchdog that calls warn only at the first failure. Its time begins at the first failure, and
// again at the first failure after each success. It expires at a failure that is giveUp or more after that time began.
// It never expires if giveUp is 0.
func NewWatchdog(giveUp time.Duration, warn func(string)) *Watchdog {
	return &Watchdog{giveUp: giveUp, warn: warn}
}

func (w *Watchdog) succeeded() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failingSince = time.Time{}
}

// failed records a failure. It returns an error if the watchdog has expired.
func (w *Watchdog) failed(uri string, err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	host := hostOf(uri)
	if !w.warned {
		w.warned = true
		w.warn(fmt.Sprintf("%s %v; retrying, because only 200 OK acknowledges records", host, err))
	}
	if w.failingSince.IsZero() {
		w.failingSince = time.Now()
	}
	if elapsed := time.Since(w.failingSince); w.giveUp > 0 && elapsed >= w.giveUp {
		return fmt.Errorf("no record was acknowledged for %s: %s %w", elapsed.Round(time.Second), host, err)
	}
	return nil
}

// hostOf returns the scheme and host of a URI. Its path and query may be secret.
func hostOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return "the receiver"
	}
	return u.Scheme + "://" + u.Host
}
