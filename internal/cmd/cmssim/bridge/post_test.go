package bridge_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/bridge"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/listener"
)

// TestRetries checks that a document that is not acknowledged is posted again, with or without records that were
// reported later.
func TestRetries(t *testing.T) {
	for _, answer := range []int{http.StatusServiceUnavailable, http.StatusNoContent, listener.AnswerLost} {
		synctest.Test(t, func(t *testing.T) {
			l := &listener.Listener{Answer: func(n int) int {
				if n < 8 {
					return answer
				}
				return http.StatusOK
			}}
			r := newRig(l, nil)
			done := r.start(t.Context())
			r.Report(noon, records(1))
			for range 5 {
				time.Sleep(time.Second)
				r.Report(time.Now(), records(1))
			}
			r.Close()
			require.NoError(t, <-done)

			var sizes []int
			first := strings.TrimSuffix(string(l.Documents()[0].Raw), "</records>")
			for _, d := range l.Documents()[:9] {
				assert.True(t, strings.HasPrefix(string(d.Raw), first))
				sizes = append(sizes, len(d.Records))
			}
			assert.IsNonDecreasing(t, sizes)
			assert.Equal(t, 1, sizes[1], "no record was reported before the first retry")
			assert.Greater(t, sizes[8], 1)
			assert.Len(t, *r.warnings, 1)
			totals := r.tally.Totals()
			assert.Equal(t, 8, totals.Resends)
			assert.Equal(t, 8, totals.Refused+totals.Unanswered)
			assert.Equal(t, 6, totals.Acknowledged)
		})
	}
}

// TestRepeat checks that a document is posted again without a delay after a 200 that was lost.
func TestRepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener.Listener{}
		r := newRig(l, func(s *bridge.Settings) { s.Repeat = 0.5 })
		start := time.Now()
		r.Report(noon, records(1))
		r.Close()
		require.NoError(t, r.Run(t.Context()))
		got := l.Documents()
		require.Greater(t, len(got), 1)
		assert.Equal(t, got[0].Raw, got[len(got)-1].Raw)
		assert.Zero(t, time.Since(start))
		assert.Empty(t, *r.warnings)
		assert.Equal(t, 1, r.ledger.Counts().Acknowledged)
	})
}

// TestWatchdogExpires checks that Run fails after 30 seconds without a success, and does not show the secret.
func TestWatchdogExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener.Listener{Answer: func(int) int { return listener.Unreachable }}
		r := newRig(l, func(s *bridge.Settings) { s.Receiver += "?secret=s3cret" })
		start := time.Now()
		r.Report(noon, records(1))
		err := r.Run(t.Context())
		require.ErrorContains(t, err, "http://receiver.example.com does not answer: no answer")
		assert.NotContains(t, err.Error(), "s3cret")
		assert.InDelta(t, 30, time.Since(start).Seconds(), 5)
		assert.Equal(t, []string{"http://receiver.example.com does not answer: no answer; retrying, because only 200 OK acknowledges records"}, *r.warnings)
		assert.Equal(t, 1, r.ledger.Counts().Unacknowledged)
	})
}

// TestWatchdogRestarts checks that each success restarts the watchdog, and that the time in which no document is
// posted does not count.
func TestWatchdogRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		l := &listener.Listener{Answer: func(int) int {
			if elapsed := time.Since(start); elapsed < 20*time.Second || elapsed >= time.Hour && elapsed < time.Hour+20*time.Second {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		}}
		r := newRig(l, nil)
		done := r.start(t.Context())
		r.Report(noon, records(1))
		time.Sleep(time.Hour)
		r.Report(noon, records(1))
		r.Close()
		require.NoError(t, <-done)
		assert.GreaterOrEqual(t, time.Since(start), time.Hour+20*time.Second)
		assert.Equal(t, 2, r.ledger.Counts().Acknowledged)
	})
}

// noAnswer is a transport that never returns an answer.
type noAnswer struct{}

func (noAnswer) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestRunEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(noAnswer{}, nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := r.start(ctx)
		r.Report(noon, records(1))
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
		assert.Empty(t, *r.warnings)
		assert.Equal(t, 1, r.tally.Totals().Posts)
		assert.Equal(t, 1, r.ledger.Counts().Unacknowledged)
	})
}

// TestNetwork checks retries over a real connection.
func TestNetwork(t *testing.T) {
	l := &listener.Listener{Answer: func(n int) int {
		return []int{listener.AnswerLost, http.StatusBadGateway, http.StatusOK}[n%3]
	}}
	server := httptest.NewServer(l)
	defer server.Close()
	r := newRig(l, func(s *bridge.Settings) {
		s.Client, s.Receiver = server.Client(), server.URL+"/cdr?system_id=cms1"
		s.Backoff = func(int) time.Duration { return 0 }
	})
	done := r.start(t.Context())
	for range 10 {
		r.Report(noon, records(1))
		r.Drain(t.Context())
	}
	r.Close()
	require.NoError(t, <-done)
	assert.Equal(t, 10, r.ledger.Counts().Acknowledged)
	require.Len(t, l.Documents(), 30)
	for _, d := range l.Documents() {
		require.NoError(t, d.Err)
		assert.Equal(t, "/cdr?system_id=cms1", d.URI)
		assert.Len(t, d.Records, 1)
	}
	assert.Equal(t, bridge.Totals{Posts: 30, Resends: 20, Refused: 10, Unanswered: 10, Acknowledged: 10}, r.tally.Totals())
}

func TestBackoff(t *testing.T) {
	assert.Equal(t, 100*time.Millisecond, bridge.Backoff(1))
	assert.Equal(t, 400*time.Millisecond, bridge.Backoff(3))
	assert.Equal(t, 5*time.Second, bridge.Backoff(1000))
}
