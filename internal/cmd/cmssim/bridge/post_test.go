package bridge_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/bridge"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/listener"
)

// Each receiver has its own queue and one POST in the air.
func TestFourReceivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		midnight := time.Now()
		l := &listener.Listener{During: func() { time.Sleep(50 * time.Millisecond) }}
		l.Answer = func(_ int, uri string) int {
			if uri == "/3" && time.Since(midnight) < 10*time.Second {
				return http.StatusInternalServerError
			}
			return http.StatusOK
		}
		r := newRig(l, func(s *bridge.Settings) {
			s.Receivers = []string{"http://a.example.com/1", "http://a.example.com/2", "http://a.example.com/3", "http://b.example.com/4"}
			s.Repeat = 0.3
		})
		done := r.run(t.Context())
		for range 100 {
			r.Report(time.Now(), records(1))
			time.Sleep(100 * time.Millisecond)
		}
		r.Close()
		require.NoError(t, <-done)
		assert.Zero(t, l.Overlaps())
		next := map[string]int{}
		for _, d := range l.Documents() {
			for _, rec := range d.Records {
				assert.Equal(t, rec.RecordIndex, rec.CorrelatorIndex+1)
				assert.LessOrEqual(t, rec.CorrelatorIndex, next[d.URI])
				next[d.URI] = max(next[d.URI], rec.CorrelatorIndex+1)
			}
		}
		assert.Equal(t, map[string]int{"/1": 100, "/2": 100, "/3": 100, "/4": 100}, next)
		assert.Equal(t, 100, r.ledger.Counts().Acknowledged)
		assert.Equal(t, 400, r.tally.Totals().Acknowledged)
		assert.Len(t, *r.said, 1)
	})
}

func TestPatienceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener.Listener{Answer: func(int, string) int { return listener.Unreachable }}
		r := newRig(l, func(s *bridge.Settings) { s.Receivers[0] += "?secret=s3cret" })
		began := time.Now()
		r.Report(noon, records(1))
		err := r.Run(t.Context())
		require.ErrorContains(t, err, "http://receiver.example.com does not answer: no answer")
		assert.NotContains(t, err.Error(), "s3cret")
		assert.InDelta(t, 30, time.Since(began).Seconds(), 5)
		assert.Len(t, *r.said, 1)
		c := r.ledger.Counts()
		assert.Equal(t, 1, c.Unacknowledged)
	})
}

// A POST in the air when the run is stopped may come to its end, within reason.
func TestStopWaitsForTheLastAnswer(t *testing.T) {
	for _, takes := range []time.Duration{time.Second, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			l := &listener.Listener{}
			r := newRig(l, func(s *bridge.Settings) { s.Client = &http.Client{Transport: slow{l, takes}} })
			ctx, stop := context.WithCancel(t.Context())
			done := r.run(ctx)
			r.Report(noon, records(1))
			synctest.Wait()
			began := time.Now()
			stop()
			require.ErrorIs(t, <-done, context.Canceled)
			assert.Equal(t, min(takes, 2*time.Second), time.Since(began))
			c := r.ledger.Counts()
			assert.Equal(t, takes == time.Second, c.Acknowledged == 1)
			assert.Equal(t, takes == time.Hour, c.Unacknowledged == 1)
		})
	}
}

// slow is a network on which answers take their time.
type slow struct {
	http.RoundTripper
	takes time.Duration
}

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(s.takes):
		return s.RoundTripper.RoundTrip(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func TestOverANetwork(t *testing.T) {
	l := &listener.Listener{Answer: func(n int, _ string) int {
		return []int{listener.Lost, http.StatusBadGateway, http.StatusOK}[n%3]
	}}
	server := httptest.NewServer(l)
	defer server.Close()
	r := newRig(l, func(s *bridge.Settings) {
		s.Client, s.Receivers = server.Client(), []string{server.URL + "/cdr?system_id=cms1"}
		s.Backoff = func(int) time.Duration { return 0 }
		s.Bundle = 1
	})
	r.Report(noon, records(10))
	r.Close()
	require.NoError(t, r.Run(t.Context()))
	assert.Zero(t, l.Overlaps())
	assert.Equal(t, 10, r.ledger.Counts().Acknowledged)
	for _, d := range l.Documents() {
		require.NoError(t, d.Err)
		assert.Equal(t, "/cdr?system_id=cms1", d.URI)
		assert.Len(t, d.Records, 1)
	}
	totals := r.tally.Totals()
	assert.Positive(t, totals.P50)
	assert.GreaterOrEqual(t, totals.P99, totals.P50)
}

func TestBackoff(t *testing.T) {
	assert.Equal(t, 100*time.Millisecond, bridge.Backoff(1))
	assert.Equal(t, 400*time.Millisecond, bridge.Backoff(3))
	assert.Equal(t, 5*time.Second, bridge.Backoff(1000))
}
