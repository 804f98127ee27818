package bridge_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/bridge"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/listener"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// rig is a Call Bridge that posts to a listener, without a network.
type rig struct {
	*bridge.Bridge
	ledger   *expect.Ledger
	tally    *bridge.Tally
	warnings *[]string
}

func newRig(l http.RoundTripper, change func(*bridge.Settings)) rig {
	r := rig{ledger: expect.NewLedger(), tally: &bridge.Tally{}, warnings: &[]string{}}
	s := bridge.Settings{
		CallBridge: "cb", Receiver: "http://receiver.example.com/cdr", Seed: 1,
		Client: &http.Client{Transport: l}, Ledger: r.ledger, Tally: r.tally, Backoff: bridge.Backoff,
		Watchdog: bridge.NewWatchdog(30*time.Second, func(text string) { *r.warnings = append(*r.warnings, text) }),
	}
	if change != nil {
		change(&s)
	}
	r.Bridge = bridge.New(s)
	return r
}

// start runs the Call Bridge in the background. The channel gets the result of Run.
func (r rig) start(ctx context.Context) <-chan error {
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	return done
}

// records returns n records.
func records(n int) []wire.Body {
	bodies := make([]wire.Body, n)
	for i := range bodies {
		bodies[i] = wire.RecordingEnd{ID: "r"}
	}
	return bodies
}

// indices returns recordIndex, correlatorIndex and numPreceedingRecordsMissing of each record.
func indices(d listener.Document) [][3]int {
	var all [][3]int
	for _, r := range d.Records {
		all = append(all, [3]int{r.RecordIndex, r.CorrelatorIndex, r.Missing})
	}
	return all
}

// TestDocumentPerReport checks that the records of a report are posted as one document.
func TestDocumentPerReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener.Listener{}
		r := newRig(l, nil)
		done := r.start(t.Context())
		r.Report(noon, records(2))
		r.Drain(t.Context())
		r.Report(noon.Add(time.Second), records(1))
		r.Close()
		require.NoError(t, <-done)

		got := l.Documents()
		require.Len(t, got, 2)
		assert.Equal(t, [][3]int{{1, 0, 0}, {2, 1, 0}}, indices(got[0]))
		assert.Equal(t, [][3]int{{3, 2, 0}}, indices(got[1]))
		assert.Equal(t, "2026-01-02T12:00:01Z", got[1].Records[0].Time)
		assert.Equal(t, "text/xml", got[0].ContentType)
		assert.Equal(t, "cb", got[0].CallBridge)
		assert.Equal(t, got[0].Session, got[1].Session)
		assert.NoError(t, got[0].Err)
		assert.Equal(t, 3, r.ledger.Counts().Acknowledged)
	})
}

// TestPauseAndRecordLimit checks that nothing is posted in overlapping pauses, and that a document has at most 2,000 records.
func TestPauseAndRecordLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener.Listener{}
		r := newRig(l, nil)
		r.Pause()
		r.Pause()
		done := r.start(t.Context())
		r.Report(noon, records(4001))
		r.Drain(t.Context()) // returns because of the pause
		r.Resume()
		synctest.Wait()
		assert.Empty(t, l.Documents(), "the second pause has not ended")
		r.Resume()
		r.Close()
		require.NoError(t, <-done)
		var sizes []int
		for _, d := range l.Documents() {
			sizes = append(sizes, len(d.Records))
		}
		assert.Equal(t, []int{2000, 2000, 1}, sizes)
	})
}

// TestLoss checks that the record after a lost one reports it as missing.
func TestLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener.Listener{}
		r := newRig(l, func(s *bridge.Settings) { s.Loss = 0.5 })
		r.Report(noon, records(200))
		r.Close()
		require.NoError(t, r.Run(t.Context()))
		next, gaps := 0, 0
		for i, record := range l.Documents()[0].Records {
			assert.Equal(t, i+1, record.RecordIndex, "recordIndex counts only records that are sent")
			assert.Equal(t, record.CorrelatorIndex-next, record.Missing)
			if record.Missing > 0 {
				gaps++
			}
			next = record.CorrelatorIndex + 1
		}
		assert.Greater(t, gaps, 20)
	})
}

// TestRestart checks that the records of the old session are still posted, in a document of their own.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener.Listener{}
		r := newRig(l, nil)
		r.Report(noon, records(3))
		r.Restart()
		r.Report(noon, records(2))
		r.Close()
		require.NoError(t, r.Run(t.Context()))
		got := l.Documents()
		require.Len(t, got, 2, "a document has one session")
		assert.Equal(t, [][3]int{{1, 0, 0}, {2, 1, 0}, {3, 2, 0}}, indices(got[0]))
		assert.Equal(t, [][3]int{{1, 0, 0}, {2, 1, 0}}, indices(got[1]))
		assert.NotEqual(t, got[0].Session, got[1].Session)
		assert.Equal(t, 1, r.ledger.Counts().Restarts)
	})
}
