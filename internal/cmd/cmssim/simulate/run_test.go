package simulate_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/listener"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// to is a run towards a listener, without a network.
func to(l *listener.Listener) simulate.Config {
	return simulate.Config{
		Targets: []string{"http://receiver.example.com/cdr"}, Client: &http.Client{Transport: l},
		Backoff: func(int) time.Duration { return 0 }, Start: start, Seed: 1,
	}
}

// moody answers 200 most of the time.
func moody(seed uint64) func(int, string) int {
	rng := rand.New(rand.NewPCG(seed, 0))
	return func(int, string) int {
		switch p := rng.Float64(); {
		case p < 0.05:
			return http.StatusServiceUnavailable
		case p < 0.10:
			return listener.Lost
		case p < 0.12:
			return listener.Unreachable
		default:
			return http.StatusOK
		}
	}
}

// Whatever goes wrong, the expectation is what the receiver can count from what it got.
func TestExpectationIsWhatArrived(t *testing.T) {
	everything := simulate.Faults{Loss: 0.02, Repeat: 0.05, Restarts: 2, Outages: 2, Scanner: 2, LoseQueue: true}
	silent := everything
	silent.NoMissing = true
	kept := everything
	kept.LoseQueue = false
	for i, faults := range []simulate.Faults{{}, everything, silent, kept} {
		for seed := range uint64(3) {
			l := &listener.Listener{Answer: moody(seed)}
			config := to(l)
			config.Seed, config.Faults = seed, faults
			config.Bridges, config.Duration, config.Buffer = 1+int(seed), 20*time.Minute, 20
			summary, counts, err := simulate.Run(t.Context(), config)
			require.NoError(t, err)

			want := recount(l.Documents())
			assert.Equal(t, summary.Records, counts.Acknowledged+counts.Missing+counts.MissingUntold)
			want.MissingUntold, want.SessionsMissed = counts.MissingUntold, counts.SessionsMissed
			require.Equal(t, want, counts, "faults %d, seed %d", i, seed)
			assert.Zero(t, l.Overlaps())
			if faults.Loss > 0 {
				assert.Positive(t, counts.Missing)
				assert.Equal(t, 2*config.Bridges, counts.Restarts+counts.SessionsMissed)
				assert.NotEmpty(t, counts.Interrupted.Calls)
			}
			assert.Greater(t, summary.Resends, 0)
			for _, d := range l.Documents() {
				require.NoError(t, d.Err)
				assert.Equal(t, config.Bridges > 1, d.CallBridge != "")
			}
		}
	}
}

// arrivals are what arrived, by sender, since the senders' order among each other is nobody's.
func arrivals(l *listener.Listener) map[string]string {
	all := map[string]string{}
	for _, d := range l.Documents() {
		all[d.URI] += string(d.Raw)
	}
	return all
}

func TestSameSeedSameBytes(t *testing.T) {
	var runs []map[string]string
	for _, seed := range []uint64{5, 5, 6} {
		l := &listener.Listener{}
		config := to(l)
		config.Seed, config.Bridges, config.Meetings = seed, 3, 8
		config.Faults = simulate.Faults{Loss: 0.01, Repeat: 0.1, Restarts: 1, Outages: 1, LoseQueue: true}
		_, _, err := simulate.Run(t.Context(), config)
		require.NoError(t, err)
		runs = append(runs, arrivals(l))
	}
	assert.Len(t, runs[0], 3)
	for uri, bytes := range runs[0] {
		assert.True(t, bytes == runs[1][uri], uri)
		assert.False(t, bytes == runs[2][uri], uri)
	}
}

func TestFastRunEndsNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener.Listener{}
		config := to(l)
		config.Start, config.Meetings = time.Time{}, 5
		summary, counts, err := simulate.Run(t.Context(), config)
		require.NoError(t, err)
		assert.Equal(t, summary.Span, summary.At)
		assert.Zero(t, summary.Elapsed)
		assert.Empty(t, counts.Open.Calls)
		documents := l.Documents()
		last := documents[len(documents)-1].Records[0]
		assert.Equal(t, time.Now().UTC().Format(time.RFC3339), last.Time)
	})
}

func TestPacedRunKeepsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		l := &listener.Listener{}
		config := to(l)
		config.Start, config.Duration, config.Speed = time.Time{}, time.Hour, 60
		told := 0
		config.Progress = func(s simulate.Summary) {
			told++
			assert.LessOrEqual(t, s.At, s.Span)
		}
		summary, _, err := simulate.Run(t.Context(), config)
		require.NoError(t, err)
		assert.InDelta(t, 60, time.Since(began).Seconds(), 3)
		assert.Equal(t, time.Since(began), summary.Elapsed)
		assert.Greater(t, told, 100)
		first, err := time.Parse(time.RFC3339, l.Documents()[0].Records[0].Time)
		require.NoError(t, err)
		assert.InDelta(t, -59*60, first.Sub(began).Seconds(), 60)
	})
}

func TestInterruption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener.Listener{}
		config := to(l)
		config.Duration, config.Speed, config.Backoff = time.Hour, 1, nil
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Minute)
		defer stop()
		summary, counts, err := simulate.Run(ctx, config)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, summary.Records, counts.Acknowledged+counts.Unacknowledged)
		assert.LessOrEqual(t, summary.At, 20*time.Minute)
		assert.Positive(t, counts.Acknowledged)
	})
}

func TestGivingUp(t *testing.T) {
	for _, fast := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			l := &listener.Listener{Answer: func(int, string) int { return http.StatusForbidden }}
			config := to(l)
			config.Bridges, config.Duration, config.Backoff, config.GiveUp = 3, time.Hour, nil, 30*time.Second
			if !fast {
				config.Speed = 1
			}
			var said []string
			config.Warn = func(text string) { said = append(said, text) }
			_, counts, err := simulate.Run(t.Context(), config)
			require.ErrorContains(t, err, "403 Forbidden")
			assert.Equal(t, []string{"http://receiver.example.com answers 403 Forbidden; sending again until it says 200 OK"}, said)
			assert.Positive(t, counts.Unacknowledged)
			assert.Zero(t, counts.Acknowledged)
		})
	}
}

func TestDemo(t *testing.T) {
	l := &listener.Listener{}
	config := to(l)
	config.Demo, config.IDs = true, true
	summary, counts, err := simulate.Run(t.Context(), config)
	require.NoError(t, err)
	assert.Equal(t, 20*time.Minute, summary.At.Round(time.Minute))
	assert.Equal(t, map[string]int{"coSpace": 2}, counts.Calls.Ended)
	assert.Len(t, counts.Ended.Calls, 2)
	assert.Empty(t, counts.Open.CallLegs)
	assert.Equal(t, 1, counts.Recordings.Ended)
	names := map[string]bool{}
	for _, d := range l.Documents() {
		for _, r := range d.Records {
			if r.Type == "callStart" {
				names[r.Call.Name] = true
			}
		}
	}
	assert.Equal(t, map[string]bool{"Weekly ward round": true}, names)
}

// An hour of a deployment of the largest size, without a network.
func BenchmarkHourOfTheLargest(b *testing.B) {
	records := 0
	for b.Loop() {
		l := &listener.Listener{}
		config := to(l)
		config.Bridges, config.Duration = 24, time.Hour
		summary, _, err := simulate.Run(b.Context(), config)
		require.NoError(b, err)
		records = summary.Records
	}
	b.ReportMetric(float64(records), "records/op")
}
