package cmscdrreceiver

import (
	"context"
	"sync"
	"time"
)

// ticker calls a function at every interval, in one goroutine, until it is stopped.
type ticker struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// every starts a ticker. The context of the calls is cancelled by stop.
func every(interval time.Duration, do func(context.Context)) *ticker {
	ctx, cancel := context.WithCancel(context.Background())
	t := &ticker{cancel: cancel}
	t.running.Go(func() {
		ticks := time.NewTicker(interval)
		defer ticks.Stop()
		for ctx.Err() == nil { // after a slow call a tick is ready too, and select chooses at random
			select {
			case <-ctx.Done():
			case <-ticks.C:
				do(ctx)
			}
		}
	})
	return t
}

// stop cancels the context and waits for a running call to return.
func (t *ticker) stop() {
	t.cancel()
	t.running.Wait()
}
