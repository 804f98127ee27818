// Command demo shows in half a minute what the receiver makes of a meeting: it
// starts a collector, plays a short meeting on two Call Bridges to it, prints
// the trace, the log records and the metrics that came out, and stops it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

// patience is how long the whole show may take.
const patience = time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	binary := flags.String("collector", "build/otelcol-cms", "the collector to start")
	config := flags.String("config", "examples/collector.yaml", "its configuration")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()

	sink, err := listen()
	if err != nil {
		return err
	}
	defer sink.Close()
	collector, err := start(ctx, *binary, *config, sink.URL)
	if err != nil {
		return err
	}
	defer collector.Stop()
	metrics, err := play(ctx, collector)
	if err != nil {
		return fmt.Errorf("%w\nthe collector said:\n%s", err, collector.Said())
	}
	if err := collector.Stop(); err != nil {
		return fmt.Errorf("the collector did not stop: %w\nit said:\n%s", err, collector.Said())
	}
	show(out, sink, metrics)
	return nil
}

// play posts the meeting and returns the metrics once they show its end.
func play(ctx context.Context, collector *collector) (string, error) {
	if err := collector.Ready(ctx, collector.cdr); err != nil {
		return "", err
	}
	_, counts, err := simulate.Run(ctx, simulate.Config{
		Targets: []string{collector.cdr}, Demo: true, Seed: uint64(time.Now().UnixNano()), GiveUp: patience,
	})
	if err != nil {
		return "", err
	}
	if counts.Unacknowledged > 0 {
		return "", fmt.Errorf("%d records were not acknowledged", counts.Unacknowledged)
	}
	ended := 0
	for _, n := range counts.CallLegs.Ended {
		ended += n
	}
	return collector.scrape(ctx, "cisco_cms_call_leg_ends_total", ended)
}
