package cmscdrreceiver

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// smallBody is the size in bytes up to which bodies use a reserved part of the
	// memory, so that large bodies, such as those of a backlog, do not delay small ones.
	smallBody = 256 << 10
	// maxWaiting limits the requests that wait for each part of the memory, maxWait how long
	// each waits.
	maxWaiting = 256
	maxWait    = 5 * time.Second
)

// errNoMemory reports that memory::bodies or memory::open is used up. The error that
// wraps it says which.
var errNoMemory = errors.New("no memory now")

// admission reserves memory for request bodies before they are read. Small and large bodies
// have a part of the memory each, which is reserved in order of arrival. It is safe for
// concurrent use.
type admission struct {
	small, large *semaphore.Weighted
	largestBody  int64 // in bytes
	// The requests that wait for each part.
	waitingSmall, waitingLarge atomic.Int64
}

// newAdmission returns an admission for limit, which is memory::bodies in bytes. Small bodies
// have a quarter of it, or less if the largest body needs more than the rest, but at least
// smallBody. The two parts together can therefore exceed limit by up to smallBody.
func newAdmission(limit, largest int64) *admission {
	large := max(limit-limit/4, largest)
	return &admission{
		small: semaphore.NewWeighted(max(limit-large, smallBody)), large: semaphore.NewWeighted(large), largestBody: largest,
	}
}

// reserve waits until memory for a body of size bytes is available; -1 is an unknown
// size. The caller calls release when the body is no longer used. The error is
// errNoMemory if memory is not available within maxWait or before ctx ends, or if maxWaiting
// other requests wait for the same part already.
func (a *admission) reserve(ctx context.Context, size int64) (release func(), _ error) {
	part, waiting := a.large, &a.waitingLarge
	switch {
	case size < 0 || size > a.largestBody:
		size = a.largestBody // reading fails beyond this size
	case size <= smallBody:
		part, waiting = a.small, &a.waitingSmall
	}
	if part.TryAcquire(size) {
		return func() { part.Release(size) }, nil
	}
	if waiting.Add(1) > maxWaiting {
		waiting.Add(-1)
		return nil, fmt.Errorf("%w: memory::bodies is used up, and %d requests wait for it", errNoMemory, maxWaiting)
	}
	defer waiting.Add(-1)
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	if err := part.Acquire(ctx, size); err != nil {
		return nil, fmt.Errorf("%w: memory::bodies is used up, and the request waited for %d bytes until it was cancelled or %v had passed: %w", errNoMemory, size, maxWait, err)
	}
	return func() { part.Release(size) }, nil
}
