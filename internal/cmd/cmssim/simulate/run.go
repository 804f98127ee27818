package simulate

import (
	"context"
	"sync"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/bridge"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
)

// Summary describes what a run did.
type Summary struct {
	bridge.Totals
	Records int           // reported by the Call Bridges, including lost ones
	At      time.Duration // simulated time of the last event, since the start of the run
	Elapsed time.Duration // real time
}

// run is the state of Run. Only its goroutine uses it.
type run struct {
	Config
	ledger  *expect.Ledger
	tally   *bridge.Tally
	servers []*server
	summary Summary
	started time.Time
}

// Run runs until all records are acknowledged, ctx ends, or POSTs fail for GiveUp without one that is acknowledged. The
// summary and the counts are also valid with an error, except one of Validate.
func Run(ctx context.Context, config Config) (Summary, expect.Counts, error) {
	if err := config.Validate(); err != nil {
		return Summary{}, expect.Counts{}, err
	}
	r := newRun(config.withDefaults())
	err := r.run(ctx)
	r.Client.CloseIdleConnections()
	r.summary.Totals = r.tally.Totals()
	r.summary.Elapsed = time.Since(r.started)
	return r.summary, r.ledger.Counts(), err
}

func newRun(c Config) *run {
	r := &run{Config: c, tally: &bridge.Tally{}, started: time.Now(), ledger: expect.NewLedger()}
	length := r.length()
	if r.Start.IsZero() {
		r.Start = r.started.Add(-length)
		if c.Speed > 0 {
			r.Start = r.Start.Add(time.Duration(float64(length) / c.Speed))
		}
	}
	r.Start = r.Start.Truncate(time.Second)
	watchdog := bridge.NewWatchdog(c.GiveUp, c.Warn)
	for n := range c.Bridges {
		settings := bridge.Settings{
			Number: n, Receiver: receiverURI(c.Target, n), Seed: c.Seed,
			Client: c.Client, Ledger: r.ledger, Watchdog: watchdog, Tally: r.tally, Backoff: c.Backoff,
			Loss: c.Faults.Loss, Repeat: c.Faults.Repeat,
		}
		if c.Bridges > 1 {
			settings.CallBridge = meeting.CallBridge(n)
		}
		r.servers = append(r.servers, &server{
			Bridge: bridge.New(settings), incidents: incidents(c.Faults, c.Seed, n, length),
		})
	}
	return r
}

// length returns the simulated time of the run. If the run is limited by a number of meetings, its length is only
// known after they are generated, so they are generated twice.
func (r *run) length() time.Duration {
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

// run plays the meetings while the Call Bridges post, and waits until the Call Bridges have posted all records.
func (r *run) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var bridges sync.WaitGroup
	for _, s := range r.servers {
		bridges.Go(func() {
			if err := s.Run(ctx); err != nil {
				cancel(err)
			}
		})
	}
	r.play(ctx)
	for _, s := range r.servers {
		s.Close()
	}
	bridges.Wait()
	return context.Cause(ctx)
}

// play reports the records of each second at its time. With Speed 0, the next second starts when the Call Bridges that
// are not paused have no unacknowledged record, so that they stay at the same simulated time.
func (r *run) play(ctx context.Context) {
	drain := func(s *server) {
		if r.Speed == 0 {
			s.Drain(ctx)
		}
	}
	for at, events := range r.newTimeline().Seconds() {
		if !r.sleepUntil(ctx, at) {
			return
		}
		for _, s := range r.servers {
			s.applyIncidents(at, drain)
		}
		for _, e := range events {
			r.servers[e.Bridge].add(e)
		}
		for _, s := range r.servers {
			r.summary.Records += s.report(r.Start.Add(at))
		}
		for _, s := range r.servers {
			drain(s)
		}
		r.summary.At = at
	}
}

// sleepUntil waits until the simulated time is at; with Speed 0 it does not wait. It returns false if ctx ended.
func (r *run) sleepUntil(ctx context.Context, at time.Duration) bool {
	if r.Speed > 0 {
		select {
		case <-time.After(time.Until(r.started.Add(time.Duration(float64(at) / r.Speed)))):
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}
