package bridge_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
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

// rig is a Call Bridge with all that it needs.
type rig struct {
	*bridge.Bridge
	ledger *expect.Ledger
	tally  *bridge.Tally
	said   *[]string
}

func newRig(l *listener.Listener, change func(*bridge.Settings)) rig {
	r := rig{ledger: expect.NewLedger(expect.Settings{}), tally: &bridge.Tally{}, said: &[]string{}}
	s := bridge.Settings{
		CallBridge: "cb", Receivers: []string{"http://receiver.example.com/cdr"}, Seed: 1,
		Client: &http.Client{Transport: l}, Ledger: r.ledger, Tally: r.tally, Backoff: bridge.Backoff,
		Patience: bridge.NewPatience(30*time.Second, func(text string) { *r.said = append(*r.said, text) }),
		Bytes:    4 << 20, Buffer: 1000,
	}
	if change != nil {
		change(&s)
	}
	r.Bridge = bridge.New(s)
	return r
}

// run posts in the background; its result is in the channel once it is over.
func (r rig) run(ctx context.Context) <-chan error {
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	return done
}

// records makes n records of one second.
func records(n int) []wire.Body {
	bodies := make([]wire.Body, n)
	for i := range bodies {
		bodies[i] = wire.RecordingEnd{ID: "r"}
	}
	return bodies
}

// indices are the records of a document: recordIndex, correlatorIndex, missing.
func indices(d listener.Document) [][3]int {
	var all [][3]int
	for _, r := range d.Records {
		all = append(all, [3]int{r.RecordIndex, r.CorrelatorIndex, r.Missing})
	}
	return all
}

func TestDocumentsAreOfOneSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener.Listener{}
		r := newRig(l, nil)
		done := r.run(t.Context())
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

// What is not acknowledged is sent again as it was, with or without what has come since.
func TestResends(t *testing.T) {
	for _, answer := range []int{http.StatusServiceUnavailable, http.StatusNoContent, listener.Lost} {
		synctest.Test(t, func(t *testing.T) {
			l := &listener.Listener{Answer: func(n int, _ string) int {
				if n < 8 {
					return answer
				}
				return http.StatusOK
			}}
			r := newRig(l, nil)
			done := r.run(t.Context())
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
			assert.Equal(t, 1, sizes[1], "the first resend had nothing to add")
			assert.Greater(t, sizes[8], 1)
			assert.Len(t, *r.said, 1)
			totals := r.tally.Totals()
			assert.Equal(t, 8, totals.Resends)
			assert.Equal(t, 8, totals.Refused+totals.Unanswered)
			assert.Equal(t, 6, totals.Acknowledged)
		})
	}
}

func TestOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reachable atomic.Bool
		l := &listener.Listener{Answer: func(int, string) int {
			if reachable.Load() {
				return http.StatusOK
			}
			return listener.Lost
		}}
		r := newRig(l, func(s *bridge.Settings) { s.Buffer, s.Bundle = 5, 3 })
		done := r.run(t.Context())
		r.Report(noon, records(2))
		time.Sleep(time.Millisecond) // both are in the air now, and stay
		r.Report(noon, records(10))
		reachable.Store(true)
		r.Close()
		require.NoError(t, <-done)

		got := l.Documents()
		assert.Equal(t, [][3]int{{1, 0, 0}, {2, 1, 0}}, indices(got[0]))
		var all [][3]int
		for _, d := range got[1:] {
			all = append(all, indices(d)...)
			assert.LessOrEqual(t, len(d.Records), 3)
		}
		assert.Equal(t, [][3]int{{1, 0, 0}, {2, 1, 0}, {3, 9, 7}, {4, 10, 0}, {5, 11, 0}}, all)
		c := r.ledger.Counts()
		assert.Equal(t, 7, c.Missing)
		assert.Equal(t, 5, c.Acknowledged)
	})
}

func TestDocumentsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener.Listener{}
		r := newRig(l, func(s *bridge.Settings) { s.Bytes = 2000 })
		r.Pause(true)
		done := r.run(t.Context())
		r.Report(noon, records(30))
		r.Drain(t.Context()) // does not wait for what is paused
		synctest.Wait()
		assert.Empty(t, l.Documents())
		r.Pause(false)
		r.Close()
		require.NoError(t, <-done)
		assert.Greater(t, len(l.Documents()), 3)
		for _, d := range l.Documents() {
			assert.LessOrEqual(t, len(d.Raw), 2100)
		}
	})
}

func TestLossIsToldUnlessSilent(t *testing.T) {
	for _, silent := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l := &listener.Listener{}
			r := newRig(l, func(s *bridge.Settings) { s.Loss, s.Silent = 0.5, silent })
			r.Report(noon, records(200))
			r.Close()
			require.NoError(t, r.Run(t.Context()))
			next, jumps := 0, 0
			for i, rec := range l.Documents()[0].Records {
				assert.Equal(t, i+1, rec.RecordIndex, "recordIndex does not jump")
				if rec.CorrelatorIndex != next {
					jumps++
				}
				if silent {
					assert.Zero(t, rec.Missing)
				} else {
					assert.Equal(t, rec.CorrelatorIndex-next, rec.Missing)
				}
				next = rec.CorrelatorIndex + 1
			}
			assert.Greater(t, jumps, 20)
		})
	}
}

func TestRestart(t *testing.T) {
	for _, lose := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l := &listener.Listener{}
			r := newRig(l, nil)
			r.Report(noon, records(3))
			r.Restart(lose)
			r.Report(noon, records(2))
			r.Close()
			require.NoError(t, r.Run(t.Context()))
			got := l.Documents()
			last := got[len(got)-1]
			assert.Equal(t, [][3]int{{1, 0, 0}, {2, 1, 0}}, indices(last))
			c := r.ledger.Counts()
			if lose {
				assert.Len(t, got, 1)
				assert.Equal(t, 3, c.MissingUntold)
				assert.Equal(t, 1, c.SessionsMissed)
				return
			}
			require.Len(t, got, 2, "a document has one session")
			assert.Equal(t, [][3]int{{1, 0, 0}, {2, 1, 0}, {3, 2, 0}}, indices(got[0]))
			assert.NotEqual(t, got[0].Session, last.Session)
			assert.Equal(t, 1, c.Restarts)
		})
	}
}
