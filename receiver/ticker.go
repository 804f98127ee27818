package cmscdrreceiver

import (
	"context"
	"sync"
	"time"
)

// ticker calls a function at every interval until it is stopped.
type ticker struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
}

func every(interval time.Duration, do func(context.Context)) *ticker {
	ctx, cancel := context.WithCancel(context.Background())
	t := &ticker{cancel: cancel}
	t.running.Go(func() {
		clock := time.NewTicker(interval)
		defer clock.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-clock.C:
				do(ctx)
			}
		}
	})
	return t
}

func (t *ticker) stop() {
	t.cancel()
	t.running.Wait()
}
