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

	mu          sync.Mutex
	lastSuccess time.Time
	warned      bool
}

// NewWatchdog returns a watchdog that calls warn at the first failure. It expires
// at a failure if giveUp has passed since the last success, or since NewWatchdog. It never expires if giveUp is 0.
func NewWatchdog(giveUp time.Duration, warn func(string)) *Watchdog {
	return &Watchdog{giveUp: giveUp, warn: warn, lastSuccess: time.Now()}
}

func (w *Watchdog) succeeded() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lastSuccess = time.Now()
}

// failed records a failure. It returns an error if the watchdog has expired.
func (w *Watchdog) failed(uri string, err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	host := hostOf(uri)
	if !w.warned {
		w.warned = true
		w.warn(fmt.Sprintf("%s %v; retrying until it answers 200 OK", host, err))
	}
	if elapsed := time.Since(w.lastSuccess); w.giveUp > 0 && elapsed >= w.giveUp {
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
