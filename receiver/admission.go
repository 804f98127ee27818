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
	// smallBody in bytes is the size up to which bodies have a part of the memory to
	// themselves: large ones do not hold up what Call Bridges send every second.
	smallBody = 256 << 10
	// maxWaiting bounds the requests that wait for memory, maxWait how long they do.
	maxWaiting = 256
	maxWait    = 5 * time.Second
)

// errNoMemory: bodies that are being received and processed take all the memory that
// memory::bodies gives them.
var errNoMemory = errors.New("memory::bodies is used up")

// admission reserves memory for request bodies before they are read, first come,
// first served. Safe for concurrent use.
type admission struct {
	small, large *semaphore.Weighted
	largestBody  int64 // body that there can be
	waiting      atomic.Int64
}

// newAdmission divides a budget in bytes: a quarter is for small bodies. The rest
// holds at least the largest body.
func newAdmission(budget, largest int64) *admission {
	large := max(budget-budget/4, largest)
	return &admission{
		small: semaphore.NewWeighted(max(budget-large, smallBody)), large: semaphore.NewWeighted(large), largestBody: largest,
	}
}

// reserve waits until there is memory for a body of so many bytes, of which -1 are
// not known. The caller calls release once the body is no longer used.
func (a *admission) reserve(ctx context.Context, size int64) (release func(), _ error) {
	part := a.large
	switch {
	case size < 0 || size > a.largestBody:
		size = a.largestBody // more than that is refused while it is read
	case size <= smallBody:
		part = a.small
	}
	if part.TryAcquire(size) {
		return func() { part.Release(size) }, nil
	}
	if a.waiting.Add(1) > maxWaiting {
		a.waiting.Add(-1)
		return nil, fmt.Errorf("%w, and %d requests wait for it", errNoMemory, maxWaiting)
	}
	defer a.waiting.Add(-1)
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	if err := part.Acquire(ctx, size); err != nil {
		return nil, fmt.Errorf("%w, no %d bytes for %v", errNoMemory, size, maxWait)
	}
	return func() { part.Release(size) }, nil
}
