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

// killable saves its state in the folder and exports without a queue, so that the
// target has what a pipeline accepted.
const killable = `yaml:
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

// hour is an hour of meetings on several Call Bridges, at full speed.
func hour(target string, client *http.Client) simulate.Config {
	return simulate.Config{
		Target: target, Bridges: 6, Duration: time.Hour, Seed: 6, Client: client,
		Start: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), GiveUp: time.Minute,
		Backoff: func(int) time.Duration { return 10 * time.Millisecond },
	}
}

// TestKilled plays an hour of meetings to a collector that is killed again and again
// at random moments, while the target of its exporters refuses one request in five.
// KILLS sets the number of kills; the default is 50.
func TestKilled(t *testing.T) {
	kills := 50
	if often := os.Getenv("KILLS"); often != "" {
		var err error
		kills, err = strconv.Atoi(often)
		require.NoError(t, err)
	}
	folder, address, w := t.TempDir(), freeAddress(t), newDeliveries(0.2, 4)
	sink := w.listen(t)
	url := "http://" + address + "/cdr"
	live := func(life int) func() {
		c := start(t, url, fmt.Sprintf(killable, address, sink.URL+"/"+strconv.Itoa(life), folder))
		return c.Kill
	}

	// How many posts there will be at the least is known from a run in which
	// everything is answered at once; each brings logs too.
	summary, _, err := simulate.Run(t.Context(), hour("http://cms.example.com/cdr", &http.Client{Transport: acceptAll{}}))
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(uint64(kills), 2))
	between := 2 * summary.Posts / (kills + 1)
	require.Greater(t, between, 10)

	kill := live(0)
	counts, done := make(chan expect.Counts, 1), make(chan error, 1)
	w.after = 1 + random.IntN(between)
	go func() {
		_, c, err := simulate.Run(t.Context(), hour(url, &http.Client{Transport: w}))
		counts <- c
		done <- err
	}()
	for life := 1; life <= kills; life++ {
		select {
		case <-w.reached:
		case err := <-done:
			t.Fatalf("the hour was over before kill %d: %v", life, err)
		}
		kill()
		w.mu.Lock()
		w.life = life
		w.mu.Unlock()
		kill = live(life)
		w.mu.Lock()
		w.after = w.moments + 1 + random.IntN(between)
		w.mu.Unlock()
	}
	require.NoError(t, <-done)
	repeated := w.requirePromise(t)
	t.Logf("%d kills, %d posts, %d records acknowledged, %d repeated", kills, w.posts, len(w.acknowledged), repeated)

	want := <-counts
	require.Zero(t, want.Unacknowledged)
	require.Len(t, w.acknowledged, want.Acknowledged)
	require.Less(t, repeated, 100*kills, "more was repeated than was on its way at a kill")
	spans := map[string]int{}
	for id := range w.spans {
		spans[printed.Kind(id)]++
	}
	require.Equal(t, total(want.CallLegs.Ended), spans["call_leg"])
	require.Equal(t, total(want.Calls.Ended), spans["call"])
	require.Equal(t, want.Recordings.Ended, spans["recording"])
}

// acceptAll answers 200 to everything.
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
