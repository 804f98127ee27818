package bridge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	answerTimeout = 30 * time.Second // for one POST
	lastWords     = 2 * time.Second  // for the POST that is in the air when the run is stopped
)

// errLost is the fault of a 200 that did not arrive.
var errLost = errors.New("bridge: the answer was lost")

// run posts one document after the other until the Call Bridge is closed and nothing is left.
func (q *queue) run(ctx context.Context) error {
	for {
		q.bridge.await(ctx, func() bool { return q.due() || q.done() })
		if ctx.Err() != nil || !q.locked(q.due) {
			return nil
		}
		q.locked(func() bool { q.grow(); return true })
		if err := q.deliver(ctx); err != nil {
			return err
		}
	}
}

// due says whether there is something to post; done whether there never will be.
func (q *queue) due() bool  { return len(q.sent)+len(q.waiting) > 0 && !q.bridge.paused }
func (q *queue) done() bool { return len(q.sent)+len(q.waiting) == 0 && q.bridge.closed }

// locked asks something under the Call Bridge's lock.
func (q *queue) locked(ask func() bool) bool {
	q.bridge.mu.Lock()
	defer q.bridge.mu.Unlock()
	return ask()
}

// deliver posts the document until it is acknowledged. What has piled up in the meantime sometimes comes
// along and sometimes waits for its turn. It ends early, without an error, with ctx.
func (q *queue) deliver(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		err := q.post(ctx, attempt > 1)
		if err == nil {
			q.bridge.Patience.succeeded()
			q.bridge.mu.Lock()
			defer q.bridge.mu.Unlock()
			q.bridge.Tally.acknowledged(len(q.sent))
			q.acknowledged()
			q.bridge.changed.Broadcast()
			return nil
		}
		if ctx.Err() != nil {
			return nil
		}
		if !errors.Is(err, errLost) {
			if err := q.bridge.Patience.failed(q.uri, err); err != nil {
				return err
			}
			pause(ctx, q.bridge.Backoff(attempt))
		}
		if !q.bridge.await(ctx, func() bool { return !q.bridge.paused }) {
			return nil
		}
		if q.rng.IntN(2) > 0 {
			q.locked(func() bool { q.grow(); return true })
		}
	}
}

// post sends the document once. Anything but 200 OK is an error.
func (q *queue) post(ctx context.Context, again bool) error {
	var body []byte
	q.locked(func() bool { body = q.document().Append(nil); return true })

	ctx, cancel := inTheAir(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, q.uri, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("bridge: %w", err)
	}
	request.Header.Set("Content-Type", "text/xml")
	began := time.Now()
	response, err := q.bridge.Client.Do(request)
	if err != nil {
		q.bridge.Tally.unanswered(again)
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err // the rest of it repeats the URI, whose path and query may be secret
		}
		return fmt.Errorf("does not answer: %w", err)
	}
	defer response.Body.Close()
	// What the receiver says is read for the connection's sake only: it can be used again after that.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
	q.bridge.Tally.answered(again, response.StatusCode == http.StatusOK, time.Since(began))
	switch {
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("answers %s", response.Status)
	case q.bridge.Repeat > 0 && q.rng.Float64() < q.bridge.Repeat:
		return errLost
	default:
		return nil
	}
}

// inTheAir is a context for one POST. It outlives the run's by a moment, so that a run that is stopped knows
// what became of its last documents.
func inTheAir(run context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(run), answerTimeout)
	stop := context.AfterFunc(run, func() { time.AfterFunc(lastWords, cancel) })
	return ctx, func() { stop(); cancel() }
}

// pause waits, not beyond the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Backoff is how long a Call Bridge waits before it sends something again: soon at first, then every few
// seconds.
func Backoff(attempt int) time.Duration {
	return min(100*time.Millisecond<<min(attempt-1, 10), 5*time.Second)
}
