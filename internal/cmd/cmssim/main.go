// Command cmssim simulates the Call Bridges of a Meeting Server. It generates meetings and posts their call
// detail records to a receiver.
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

// version is set by the linker in a release.
var version = "unreleased"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "cmssim:", err)
		os.Exit(1)
	}
}

// run runs the command. An interrupt is not an error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	config, help, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		_, err = io.WriteString(stdout, help)
		return err
	}
	if errors.Is(err, errVersion) {
		_, err = fmt.Fprintln(stdout, "cmssim version", version)
		return err
	}
	if err != nil {
		return fmt.Errorf("%w (cmssim -h explains the flags)", err)
	}
	config.Warn = func(text string) { fmt.Fprintln(stderr, "cmssim:", text) }
	summary, _, err := simulate.Run(ctx, config)
	if ctx.Err() != nil {
		fmt.Fprintln(stdout, "interrupted before the end")
		err = nil
	}
	printSummary(stdout, summary, config.Seed)
	return err
}

func printSummary(w io.Writer, s simulate.Summary, seed uint64) {
	perSecond := float64(s.Acknowledged) / max(s.Elapsed.Seconds(), 1e-9)
	fmt.Fprintf(w, `simulated  %s in %s (seed %d)
records    %d reported, %d acknowledged, %.0f per second
POSTs      %d, of which %d retries, %d refused, %d unanswered
`,
		s.At, s.Elapsed.Round(time.Millisecond), seed, s.Records, s.Acknowledged, perSecond,
		s.Posts, s.Resends, s.Refused, s.Unanswered)
}
