package cmscdrreceiver

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestReserve checks that bodies are admitted in order of arrival as memory is
// released, that small bodies have their own part of it, and that no request waits
// longer than maxWait. -1 is a body of unknown size.
func TestReserve(t *testing.T) {
	const mib = 1 << 20
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(8*mib, 5*mib) // 6 MiB for large bodies, 2 MiB for small ones
		releaseFirst, err := a.reserve(t.Context(), 4*mib)
		require.NoError(t, err)
		results := &requestLog{}
		var requests sync.WaitGroup
		request := func(sizes ...int64) {
			for i, size := range sizes {
				requests.Go(func() {
					time.Sleep(time.Duration(i) * time.Millisecond)
					release, err := a.reserve(t.Context(), size)
					results.add(size, err)
					if err == nil {
						time.Sleep(time.Second)
						release()
					}
				})
			}
			time.Sleep(10 * time.Millisecond)
		}
		request(3*mib, -1, 100*mib)
		for range 8 {
			_, err := a.reserve(t.Context(), smallBody) // large bodies do not delay it
			require.NoError(t, err)
		}
		start := time.Now()
		_, err = a.reserve(t.Context(), smallBody)
		require.ErrorContains(t, err, "memory::bodies is used up, and the request waited for 262144 bytes until it was cancelled or 5s had passed")
		require.Equal(t, maxWait, time.Since(start))
		requests.Wait()
		require.Equal(t, []string{"3145728 refused", "-1 refused", "104857600 refused"}, results.take())
		releaseFirst()
		request(3*mib, -1, 2*mib)
		requests.Wait()
		require.Equal(t, []string{"3145728", "-1", "2097152"}, results.take(), "a later request must not overtake an earlier one")
	})
}

// requestLog collects the sizes of the bodies that were admitted or refused, in order.
type requestLog struct {
	mu    sync.Mutex
	texts []string
}

func (l *requestLog) add(size int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := fmt.Sprint(size)
	if err != nil {
		text += " refused"
	}
	l.texts = append(l.texts, text)
}

// take returns the collected texts and removes them.
func (l *requestLog) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	texts := l.texts
	l.texts = nil
	return texts
}

// fillWaiting lets the highest number of requests wait for the memory of large bodies. It must be
// called in a synctest bubble; ctx ends the waiting.
func fillWaiting(ctx context.Context, a *admission) {
	for range maxWaiting {
		go func() { _, _ = a.reserve(ctx, 1<<20) }()
	}
	synctest.Wait()
}

// TestWaitingIsLimited checks that the number of waiting requests is limited.
func TestWaitingIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(1<<20, 1<<20)
		_, err := a.reserve(t.Context(), 1<<20)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		fillWaiting(ctx, a)
		start := time.Now()
		_, err = a.reserve(ctx, 1<<20)
		require.ErrorContains(t, err, "and 256 requests wait for it")
		require.Zero(t, time.Since(start))
	})
}

// TestLargeBodiesDoNotKeepSmallOnesFromWaiting checks that a small body waits for its part of the
// memory while the highest number of requests waits for that of large bodies.
func TestLargeBodiesDoNotKeepSmallOnesFromWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(1<<20, 1<<20)
		_, err := a.reserve(t.Context(), 1<<20)
		require.NoError(t, err)
		release, err := a.reserve(t.Context(), smallBody)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		fillWaiting(ctx, a)
		time.AfterFunc(time.Second, release)
		_, err = a.reserve(ctx, smallBody)
		require.NoError(t, err)
	})
}

// TestNoMemoryForBodies checks that a large document is answered 503 while the memory for
// large bodies is used up and accepted when it is sent again, that a small one is accepted
// meanwhile, and that an unauthorized request and a GET reserve no memory.
func TestNoMemoryForBodies(t *testing.T) {
	rig := newRig(t, func(cfg *Config) {
		cfg.HTTP.MaxRequestBodySize = 1 << 20
		cfg.Memory.Bodies = 1 << 20
		cfg.Secret = "s3cret"
	})
	synctest.Test(t, func(t *testing.T) {
		release, err := rig.receiver.bodies.reserve(t.Context(), 1<<20)
		require.NoError(t, err)
		large := oneCall + strings.Repeat(" ", smallBody)
		require.Equal(t, http.StatusUnauthorized, rig.post("/cdr", large).Code)
		require.Equal(t, http.StatusOK, rig.do(httptest.NewRequest(http.MethodGet, "/cdr?secret=s3cret", strings.NewReader(large))).Code)
		answer := rig.post("/cdr?secret=s3cret", large)
		require.Equal(t, http.StatusServiceUnavailable, answer.Code)
		require.Equal(t, "5", answer.Header().Get("Retry-After"))
		require.Equal(t, http.StatusOK, rig.post("/cdr?secret=s3cret", oneCall).Code, "large documents must not delay a small one")
		release()
		require.Equal(t, http.StatusOK, rig.post("/cdr?secret=s3cret", large).Code)
		require.True(t, rig.receiver.bodies.large.TryAcquire(1<<20), "an answered request must release its memory")
	})
	require.Equal(t, map[string]int64{"unauthorized": 1, "no_memory": 1, "accepted": 2}, rig.outcomes())
}
