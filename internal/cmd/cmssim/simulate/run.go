package simulate

import (
	"context"
	"sync"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/bridge"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
)

// Summary says what a run did.
type Summary struct {
	bridge.Totals
	Records int           `json:"records"` // reported by the Call Bridges, lost ones too
	At      time.Duration `json:"at_ns"`   // how far the run's own time went
	Span    time.Duration `json:"span_ns"` // how far it was to go
	Elapsed time.Duration `json:"elapsed_ns"`
}

// progressEvery is how often Progress is told at most.
const progressEvery = 200 * time.Millisecond

// run is a run under way. Only the goroutine that plays it uses it.
type run struct {
	Config
	ledger   *expect.Ledger
	tally    *bridge.Tally
	servers  []*server
	timeline meeting.Timeline
	summary  Summary
	began    time.Time
	shown    time.Time
}

// Run plays a run to its end: until everything is acknowledged, or ctx ends, or the targets have been silent
// for too long. What was done until then it tells in any case.
func Run(ctx context.Context, config Config) (Summary, expect.Counts, error) {
	config, err := config.settled()
	if err != nil {
		return Summary{}, expect.Counts{}, err
	}
	r := newRun(config)
	err = r.all(ctx)
	r.Client.CloseIdleConnections()
	return r.soFar(), r.ledger.Counts(), err
}

func newRun(c Config) *run {
	r := &run{
		Config: c, tally: &bridge.Tally{}, began: time.Now(),
		ledger: expect.NewLedger(expect.Settings{IDs: c.IDs, Silent: c.Faults.NoMissing}),
	}
	r.summary.Span = r.span()
	r.timeline = r.newTimeline()
	if r.Start.IsZero() {
		r.Start = r.began.Add(-r.summary.Span)
		if c.Speed > 0 {
			r.Start = r.Start.Add(time.Duration(float64(r.summary.Span) / c.Speed))
		}
	}
	r.Start = r.Start.Truncate(time.Second)
	patience := bridge.NewPatience(c.GiveUp, c.Warn)
	for n := range c.Bridges {
		settings := bridge.Settings{
			Number: n, Receivers: receivers(c.Targets, n), Seed: c.Seed,
			Client: c.Client, Ledger: r.ledger, Patience: patience, Tally: r.tally, Backoff: c.Backoff,
			Bundle: c.Bundle, Bytes: c.Bytes, Buffer: c.Buffer,
			Loss: c.Faults.Loss, Repeat: c.Faults.Repeat, Silent: c.Faults.NoMissing,
		}
		if c.Bridges > 1 || c.CallBridge {
			settings.CallBridge = meeting.CallBridge(n)
		}
		r.servers = append(r.servers, &server{
			Bridge: bridge.New(settings), coming: incidents(c.Faults, c.Seed, n, r.summary.Span),
		})
	}
	return r
}

// span is how long the run's own time is. How long a number of meetings lasts shows only when they are made
// up, which is cheap enough to be done twice.
func (r *run) span() time.Duration {
	if r.Meetings == 0 {
		return r.Duration
	}
	return r.newTimeline().Length()
}

func (r *run) newTimeline() meeting.Timeline {
	if r.Demo {
		return meeting.Single(meeting.Demo(r.Seed))
	}
	return meeting.NewTimeline(meeting.NewGenerator(meeting.Settings{
		Seed: r.Seed, Bridges: r.Bridges, Rate: r.Rate, Scanners: usualScanners + r.Faults.Scanner,
	}), r.Meetings, r.Duration)
}

// all lets the Call Bridges post while the meetings happen, and waits for both.
func (r *run) all(ctx context.Context) error {
	posting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var bridges sync.WaitGroup
	for _, s := range r.servers {
		bridges.Go(func() {
			if err := s.Run(posting); err != nil {
				cancel(err)
			}
		})
	}
	r.play(posting)
	for _, s := range r.servers {
		s.Close()
	}
	bridges.Wait()
	return context.Cause(posting)
}

// play lets time go by, second by second. As fast as it goes means that a second is over when all that it
// brought is acknowledged, so that the Call Bridges stay together.
func (r *run) play(ctx context.Context) {
	settle := func(s *server) {
		if r.Speed == 0 {
			s.Drain(ctx)
		}
	}
	for at, events := range r.timeline.Seconds() {
		if !r.reach(ctx, at) {
			return
		}
		for _, s := range r.servers {
			s.suffer(at, settle)
		}
		for _, e := range events {
			r.servers[e.Bridge].note(e)
		}
		for _, s := range r.servers {
			r.summary.Records += s.report(r.Start.Add(at))
		}
		for _, s := range r.servers {
			settle(s)
		}
		r.summary.At = at
		if time.Since(r.shown) >= progressEvery {
			r.shown = time.Now()
			r.Progress(r.soFar())
		}
	}
}

// reach waits for a moment of the run's own time, and says whether it came.
func (r *run) reach(ctx context.Context, at time.Duration) bool {
	if r.Speed > 0 {
		timer := time.NewTimer(time.Until(r.began.Add(time.Duration(float64(at) / r.Speed))))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

func (r *run) soFar() Summary {
	s := r.summary
	s.Totals = r.tally.Totals()
	s.Elapsed = time.Since(r.began)
	return s
}
