package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// meetingsWithRestarts returns a simulation of an hour and a half of meetings on two Call Bridges, which
// each restart once and sometimes repeat acknowledged records.
func meetingsWithRestarts(t *testing.T, target string, client *http.Client) simulate.Config {
	t.Helper()
	config := simulate.Config{
		Target: target, Bridges: 2, Meetings: 120, Seed: 18, Client: client, GiveUp: time.Minute,
		Backoff: func(int) time.Duration { return 10 * time.Millisecond },
	}
	require.NoError(t, config.Faults.Set("restart=1,repeat=0.02"))
	return config
}

// playRestarted starts a collector with the configuration, plays meetingsWithRestarts to it at full
// speed, and restarts the collector in the middle. It returns what was posted and acknowledged, and the
// counts that must be found in the targets.
func playRestarted(t *testing.T, url, config string) (*deliveries, expect.Counts) {
	t.Helper()
	// The collector restarts after half of the POSTs of a run in which every POST is answered 200.
	summary, _, err := simulate.Run(t.Context(), meetingsWithRestarts(t, "http://cms.example.com/cdr", &http.Client{Transport: acceptAll{}}))
	require.NoError(t, err)
	posted := newDeliveries(0, 1)
	posted.notifyAt = summary.Posts / 2
	collector := startLogged(t, url, config)
	counts, done := make(chan expect.Counts, 1), make(chan error, 1)
	simulation := meetingsWithRestarts(t, url, &http.Client{Transport: posted})
	go func() {
		_, expected, err := simulate.Run(t.Context(), simulation)
		counts <- expected
		done <- err
	}()
	select {
	case <-posted.reached:
	case err := <-done:
		t.Fatalf("the simulation ended before the restart of the collector: %v", err)
	}
	require.NoError(t, collector.Stop())
	startLogged(t, url, config)
	require.NoError(t, <-done)
	expected := <-counts
	require.Zero(t, expected.Unacknowledged)
	require.Zero(t, expected.Missing+expected.MissingUndetected)
	require.Equal(t, 2, expected.Restarts)
	require.Zero(t, total(expected.Open.Calls)+total(expected.Open.CallLegs)+expected.Open.Recordings+expected.Open.Streamings)
	return posted, expected
}

// startLogged starts a collector whose output is logged if the test fails.
func startLogged(t *testing.T, url string, configs ...string) *otelcol.Collector {
	t.Helper()
	c := start(t, url, configs...)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("output of the collector:\n%s", c.Output())
		}
	})
	return c
}
