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

// configFor returns a config with the listener as the receiver, without a network.
func configFor(l *listener.Listener) simulate.Config {
	return simulate.Config{
		Target: "http://receiver.example.com/cdr", Client: &http.Client{Transport: l},
		Backoff: func(int) time.Duration { return 0 }, Start: start, Seed: 1,
	}
}

// unreliable returns a function for Listener.Answer that answers most POSTs with 200.
func unreliable(seed uint64) func(int) int {
	rng := rand.New(rand.NewPCG(seed, 0))
	return func(int) int {
		switch p := rng.Float64(); {
		case p < 0.05:
			return http.StatusServiceUnavailable
		case p < 0.10:
			return listener.AnswerLost
		case p < 0.12:
			return listener.Unreachable
		default:
			return http.StatusOK
		}
	}
}

// TestCountsMatchDocuments checks that the counts are those of the documents that the receiver got, with and without
// faults.
func TestCountsMatchDocuments(t *testing.T) {
	for i, faults := range []simulate.Faults{{}, {Loss: 0.02, Repeat: 0.05, Restarts: 2, Outages: 2, Scanner: 2}} {
		for seed := range uint64(5) {
			l := &listener.Listener{Answer: unreliable(seed)}
			config := configFor(l)
			config.Seed, config.Faults = seed, faults
			config.Bridges, config.Duration = 1+int(seed), 20*time.Minute
			summary, counts, err := simulate.Run(t.Context(), config)
			require.NoError(t, err)

			want := recount(l.Documents())
			assert.Equal(t, summary.Records, counts.Acknowledged+counts.Missing+counts.MissingUndetected)
			assert.ElementsMatch(t, want.EndedCalls, counts.EndedCalls)
			want.MissingUndetected, want.EndedCalls = counts.MissingUndetected, counts.EndedCalls
			require.Equal(t, want, counts, "faults %d, seed %d", i, seed)
			if faults.Restarts > 0 {
				assert.Positive(t, counts.Missing)
				assert.LessOrEqual(t, counts.Restarts, 2*config.Bridges, "at most two restarts of each Call Bridge; a session without records does not count")
				assert.Positive(t, counts.Restarts)
				assert.NotEmpty(t, counts.Interrupted.Calls)
			}
			assert.Positive(t, summary.Resends)
			for _, d := range l.Documents() {
				require.NoError(t, d.Err)
				assert.Equal(t, config.Bridges > 1, d.CallBridge != "")
			}
		}
	}
}

// TestRestartEndsMeetings checks that no end record of a session is about a call or leg of an earlier session.
func TestRestartEndsMeetings(t *testing.T) {
	config := configFor(&listener.Listener{})
	config.Bridges, config.Duration, config.Faults.Restarts = 2, time.Hour, 2
	_, counts, err := simulate.Run(t.Context(), config)
	require.NoError(t, err)
	assert.Equal(t, 4, counts.Restarts)
	assert.NotEmpty(t, counts.Interrupted.Calls)
	assert.NotContains(t, counts.Calls.Ended, "-")
	assert.NotContains(t, counts.CallLegs.Ended, "-/-/-/-")
}

// bodies returns the bodies of all POSTs by URI. The order of POSTs to different URIs varies.
func bodies(l *listener.Listener) map[string]string {
	all := map[string]string{}
	for _, d := range l.Documents() {
		all[d.URI] += string(d.Raw)
	}
	return all
}

// TestSameSeedSameDocuments checks that the seed determines the documents of each Call Bridge.
func TestSameSeedSameDocuments(t *testing.T) {
	var runs []map[string]string
	for _, seed := range []uint64{5, 5, 6} {
		l := &listener.Listener{}
		config := configFor(l)
		config.Seed, config.Bridges, config.Meetings = seed, 3, 8
		config.Faults = simulate.Faults{Loss: 0.01, Repeat: 0.1, Restarts: 1, Outages: 1}
		_, _, err := simulate.Run(t.Context(), config)
		require.NoError(t, err)
		runs = append(runs, bodies(l))
	}
	assert.Len(t, runs[0], 3)
	for uri, body := range runs[0] {
		assert.True(t, body == runs[1][uri], uri)
		assert.False(t, body == runs[2][uri], uri)
	}
}

// TestFullSpeed checks that a run at full speed takes no time, and that its simulated end is now.
func TestFullSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener.Listener{}
		config := configFor(l)
		config.Start, config.Meetings = time.Time{}, 5
		summary, counts, err := simulate.Run(t.Context(), config)
		require.NoError(t, err)
		assert.Zero(t, summary.Elapsed)
		assert.Empty(t, counts.Open.Calls)
		documents := l.Documents()
		last := documents[len(documents)-1].Records[0]
		assert.Equal(t, time.Now().UTC().Format(time.RFC3339), last.Time)
	})
}

// TestSpeed checks that a run takes its duration divided by its speed, and that its simulated end is its real end: an hour at
// speed 60 ends a minute after its real start, so its simulated start is 59 minutes before the real one.
func TestSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		l := &listener.Listener{}
		config := configFor(l)
		config.Start, config.Duration, config.Speed = time.Time{}, time.Hour, 60
		summary, _, err := simulate.Run(t.Context(), config)
		require.NoError(t, err)
		assert.InDelta(t, 60, time.Since(started).Seconds(), 3)
		assert.Equal(t, time.Since(started), summary.Elapsed)
		first, err := time.Parse(time.RFC3339, l.Documents()[0].Records[0].Time)
		require.NoError(t, err)
		assert.InDelta(t, -59*60, first.Sub(started).Seconds(), 30)
	})
}

// TestInterruption checks that the counts are valid if ctx ends during the run.
func TestInterruption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener.Listener{}
		config := configFor(l)
		config.Duration, config.Speed, config.Backoff = time.Hour, 1, nil
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		summary, counts, err := simulate.Run(ctx, config)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, summary.Records, counts.Acknowledged+counts.Unacknowledged)
		assert.LessOrEqual(t, summary.At, 20*time.Minute)
		assert.Positive(t, counts.Acknowledged)
	})
}

// TestGiveUp checks that a run fails if the receiver acknowledges nothing for GiveUp.
func TestGiveUp(t *testing.T) {
	for _, speed := range []float64{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			l := &listener.Listener{Answer: func(int) int { return http.StatusForbidden }}
			config := configFor(l)
			config.Bridges, config.Duration, config.Speed = 3, time.Hour, speed
			config.Backoff, config.GiveUp = nil, 30*time.Second
			var warnings []string
			config.Warn = func(text string) { warnings = append(warnings, text) }
			_, counts, err := simulate.Run(t.Context(), config)
			require.ErrorContains(t, err, "403 Forbidden")
			assert.Equal(t, []string{"http://receiver.example.com answers 403 Forbidden; retrying, because only 200 OK acknowledges records"}, warnings)
			assert.Positive(t, counts.Unacknowledged)
			assert.Zero(t, counts.Acknowledged)
		})
	}
}

func TestDemo(t *testing.T) {
	l := &listener.Listener{}
	config := configFor(l)
	config.Demo = true
	summary, counts, err := simulate.Run(t.Context(), config)
	require.NoError(t, err)
	assert.Equal(t, 20*time.Minute, summary.At.Round(time.Minute))
	assert.Equal(t, map[string]int{"coSpace": 2}, counts.Calls.Ended)
	assert.Len(t, counts.EndedCalls, 2)
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
