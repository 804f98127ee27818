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

// answerTimeout is the time in which a receiver must answer a POST.
const answerTimeout = 30 * time.Second

// errAnswerLost is returned for a 200 that the simulated network loses.
var errAnswerLost = errors.New("bridge: the answer was lost")

// Run posts one document after another. It returns nil when the Call Bridge is closed and all records are
// acknowledged, and an error if ctx ends or the watchdog expires.
func (b *Bridge) Run(ctx context.Context) error {
	for b.nextDocument(ctx) {
		if err := b.deliver(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// nextDocument waits for records and moves them into a document. It returns false if no document is left to post, or
// if ctx ended.
func (b *Bridge) nextDocument(ctx context.Context) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wait(ctx, func() bool {
		if b.queue.len() == 0 {
			return b.closed
		}
		return !b.paused()
	})
	if ctx.Err() != nil || b.queue.len() == 0 {
		return false
	}
	b.queue.fill()
	return true
}

// deliver posts the document until it is acknowledged, the watchdog expires, or ctx ends.
func (b *Bridge) deliver(ctx context.Context) error {
	for attempt := 1; ctx.Err() == nil; attempt++ {
		err := b.post(ctx, attempt > 1)
		if err == nil {
			b.acknowledge()
			return nil
		}
		if !errors.Is(err, errAnswerLost) && ctx.Err() == nil {
			if err := b.Watchdog.failed(b.Receiver, err); err != nil {
				return err
			}
			sleep(ctx, b.Backoff(attempt))
		}
		b.prepareRetry(ctx)
	}
	return ctx.Err()
}

func (b *Bridge) acknowledge() {
	b.Watchdog.succeeded()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Tally.acknowledged(b.queue.acknowledge())
	b.changed.Broadcast()
}

// prepareRetry waits for the end of a pause. In half of the retries it adds the records that were reported in the
// meantime, and in the others it does not, because a receiver must accept a retry with and without new records.
func (b *Bridge) prepareRetry(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wait(ctx, func() bool { return !b.paused() })
	if b.postRNG.IntN(2) > 0 {
		b.queue.fill()
	}
}

// post sends the document once. It returns an error unless the answer is 200 OK and the simulated network does not
// lose it.
func (b *Bridge) post(ctx context.Context, retry bool) error {
	b.mu.Lock()
	body := b.queue.encode(b.CallBridge)
	b.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.Receiver, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("bridge: %w", err)
	}
	request.Header.Set("Content-Type", "text/xml")
	response, err := b.Client.Do(request)
	if err != nil {
		b.Tally.unanswered(retry)
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // url.Error contains the URI, whose path and query may be secret
		}
		return fmt.Errorf("does not answer: %w", err)
	}
	defer response.Body.Close()
	// A connection is reused only after the body was read.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
	b.Tally.answered(retry, response.StatusCode == http.StatusOK)
	switch {
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("answers %s", response.Status)
	case b.Repeat > 0 && b.postRNG.Float64() < b.Repeat:
		return errAnswerLost
	default:
		return nil
	}
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// Backoff returns the default delay after an attempt, counted from 1: 100 ms, doubled with each attempt up to 5 s.
func Backoff(attempt int) time.Duration {
	return min(100*time.Millisecond<<min(attempt-1, 10), 5*time.Second)
}
