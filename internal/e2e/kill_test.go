package e2e

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// killedCollector configures a collector that saves its state in a folder and exports
// without a queue, so that the target has everything that a pipeline accepted.
const killedCollector = `yaml:
receivers:
  cms_cdr: {http: {endpoint: %q}, storage: file_storage}
exporters:
  otlp_http: {endpoint: %q, compression: none, retry_on_failure: {enabled: false}, sending_queue: {enabled: false}}
extensions:
  file_storage: {directory: %q}
service:
  extensions: [file_storage]
  telemetry: {metrics: {level: none}, logs: {level: error}}
  pipelines:
    traces: {receivers: [cms_cdr], exporters: [otlp_http]}
    logs: {receivers: [cms_cdr], exporters: [otlp_http]}
`

// hour returns a simulation of an hour of meetings on several Call Bridges, at full speed.
func hour(target string, client *http.Client) simulate.Config {
	return simulate.Config{
		Target: target, Bridges: 6, Duration: time.Hour, Seed: 6, Client: client,
		Start: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), GiveUp: time.Minute,
		Backoff: func(int) time.Duration { return 10 * time.Millisecond },
	}
}

// TestKilled plays an hour of meetings to a collector that is killed many times at random,
// while the target of its exporters refuses one request in five. The environment variable
// KILLS sets the number of kills. The default is 50.
func TestKilled(t *testing.T) {
	kills := 50
	if value := os.Getenv("KILLS"); value != "" {
		var err error
		kills, err = strconv.Atoi(value)
		require.NoError(t, err)
	}
	folder, address, w := t.TempDir(), freeAddress(t), newDeliveries(0.2, 4)
	sink := w.listen(t)
	url := "http://" + address + "/cdr"
	startProcess := func(process int) func() {
		c := start(t, url, fmt.Sprintf(killedCollector, address, sink.URL+"/"+strconv.Itoa(process), folder))
		return c.Kill
	}

	// A run in which every POST is answered 200 gives the lowest number of POSTs. Each POST is
	// at least two steps of deliveries, because it also causes a request of the exporter. The
	// steps between two kills are at most interval, so that all kills occur during the
	// simulation.
	summary, _, err := simulate.Run(t.Context(), hour("http://cms.example.com/cdr", &http.Client{Transport: acceptAll{}}))
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(uint64(kills), 2))
	interval := 2 * summary.Posts / (kills + 1)
	require.Greater(t, interval, 10)

	kill := startProcess(0)
	counts, done := make(chan expect.Counts, 1), make(chan error, 1)
	w.notifyAt = 1 + random.IntN(interval)
	go func() {
		_, c, err := simulate.Run(t.Context(), hour(url, &http.Client{Transport: w}))
		counts <- c
		done <- err
	}()
	for process := 1; process <= kills; process++ {
		select {
		case <-w.reached:
		case err := <-done:
			t.Fatalf("the simulation ended before kill %d: %v", process, err)
		}
		kill()
		w.mu.Lock()
		w.process = process
		w.mu.Unlock()
		kill = startProcess(process)
		w.mu.Lock()
		w.notifyAt = w.steps + 1 + random.IntN(interval)
		w.mu.Unlock()
	}
	require.NoError(t, <-done)
	repeated := w.checkDelivered(t)
	t.Logf("%d kills, %d posts, %d records acknowledged, %d repeated", kills, w.posts, len(w.acknowledged), repeated)

	want := <-counts
	require.Zero(t, want.Unacknowledged)
	require.Len(t, w.acknowledged, want.Acknowledged)
	require.LessOrEqual(t, repeated, 100*kills, "more records were repeated than were in progress at the kills")
	spans := map[string]int{}
	for id := range w.spans {
		spans[printed.Kind(id)]++
	}
	require.Equal(t, total(want.CallLegs.Ended), spans["call_leg"])
	require.Equal(t, total(want.Calls.Ended), spans["call"])
	require.Equal(t, want.Recordings.Ended, spans["recording"])
}

// acceptAll is a transport that answers 200 to everything.
type acceptAll struct{}

func (acceptAll) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(""))}, nil
}

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}
