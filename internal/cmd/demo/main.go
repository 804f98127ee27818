// Command demo shows what the receiver emits for a meeting. It starts a collector, plays a
// short meeting on two Call Bridges, and prints the trace, some log records and some
// figures. It writes the complete telemetry to files. With -watch it plays no meeting, and
// prints a line for each record that others post.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

// timeout limits the duration of the demo without -watch.
const timeout = time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, warnings io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	binary := flags.String("collector", "build/otelcol-cms", "`path` of the collector to start")
	config := flags.String("config", "examples/collector.yaml", "`path` of the collector's configuration")
	folder := flags.String("files", "build/demo", "`folder` for the complete telemetry")
	watching := flags.Bool("watch", false, "print a line for each record that arrives, until interrupted")
	seed := flags.Uint64("seed", uint64(time.Now().UnixNano()), "`number` that determines the ids of the meeting, and details such as codecs")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil // Parse printed the flags
	case err != nil:
		return err
	}
	if *watching {
		return watch(ctx, newPage(out), warnings, *binary, *config)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
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
	metrics, err := play(ctx, collector, *seed)
	if err != nil {
		return fmt.Errorf("%w\noutput of the collector:\n%s", err, collector.Output())
	}
	if err := collector.Stop(); err != nil {
		return fmt.Errorf("the shutdown of the collector failed: %w\noutput of the collector:\n%s", err, collector.Output())
	}
	telemetry, err := sink.telemetry(metrics)
	if err != nil {
		return err
	}
	files, err := save(*folder, telemetry)
	if err != nil {
		return err
	}
	return show(newPage(out), telemetry, files)
}

// play posts the meeting, and returns the metrics after all of its legs are counted.
func play(ctx context.Context, collector *collector, seed uint64) (string, error) {
	if err := collector.Ready(ctx, collector.cdr); err != nil {
		return "", err
	}
	_, counts, err := simulate.Run(ctx, simulate.Config{
		Target: collector.cdr, Demo: true, Seed: seed, GiveUp: timeout,
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
	return collector.scrape(ctx, query{metric: "cisco_cms_call_leg_ends_total"}, float64(ended))
}
