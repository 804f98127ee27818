// Command cmssim is a Meeting Server without a Meeting Server: it makes up meetings on one or more Call
// Bridges and posts their call detail records to a receiver, as the real one would.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

// version is set by the linker in a release.
var version = "of no release"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "cmssim:", err)
		os.Exit(1)
	}
}

// run does all that the command does. Being interrupted is no error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		_, err = io.WriteString(stdout, o.help)
		return err
	}
	if err != nil {
		return fmt.Errorf("%w (cmssim -h explains the flags)", err)
	}
	if o.version {
		_, err = fmt.Fprintln(stdout, "cmssim version", version)
		return err
	}
	show := newScreen(o, stdout, stderr)
	o.config.Warn, o.config.Progress = show.warn, show.progress
	summary, counts, err := simulate.Run(ctx, o.config)
	if wrong, ok := errors.AsType[*simulate.SettingError](err); ok {
		return fmt.Errorf("-%w (cmssim -h explains the flags)", wrong)
	}
	show.summary(summary, o.config.Seed, ctx.Err() != nil)
	if ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, save(o.expect, counts, stdout))
}

// save writes the expectation where it was asked for.
func save(path string, counts expect.Counts, stdout io.Writer) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(counts, "", "  ")
	if err != nil {
		return fmt.Errorf("-expect %s: %w", path, err)
	}
	text = append(text, '\n')
	if path == "-" {
		_, err = stdout.Write(text)
	} else {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("-expect %s: %w", path, err)
	}
	return nil
}
