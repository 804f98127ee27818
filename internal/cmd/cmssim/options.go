package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

// options are what the flags say.
type options struct {
	config simulate.Config
	expect string // where the expectation goes, "-" for standard output
	quiet  bool
	// Print the version, and nothing else.
	version bool
	help    string
}

const about = `cmssim posts the call detail records of made-up meetings, as a Cisco Meeting Server would.

Without a Meeting Server at hand, try
  cmssim -demo                                     one meeting on two Call Bridges, at once
  cmssim -bridges 3 -duration 1h -speed max        an hour of a small cluster, as fast as it goes
  cmssim -bridges 3 -duration 10m                  ten minutes of it, as they happen
  cmssim -calls 500 -speed max -faults loss=0.01,repeat=0.05,restart=1,outage=1 -expect -

A seed makes the same meetings with the same ids. A receiver that has seen them takes them for repeats, so
without -seed every run draws its own.

`

// parse reads the flags. Its options are good for their help even if it fails.
func parse(args []string) (*options, error) {
	o := &options{}
	c := &o.config
	fs := flag.NewFlagSet("cmssim", flag.ContinueOnError)
	var help strings.Builder
	fs.SetOutput(&help)
	fs.Usage = func() {}

	fs.Func("target", "receiver `URI`, up to four, repeated or with commas; gets ?system_id=cms1 and so on\nunless it has one (default http://127.0.0.1:8080/cdr)", func(list string) error {
		c.Targets = append(c.Targets, strings.Split(list, ",")...)
		return nil
	})
	fs.IntVar(&c.Bridges, "bridges", 1, "`number` of Call Bridges")
	fs.IntVar(&c.Meetings, "calls", 0, "`number` of meetings, all played to their end; 0 goes by -duration")
	fs.DurationVar(&c.Duration, "duration", 0, "simulated `time` that the run takes; meetings are cut off at its end (default 10m without -calls)")
	fs.Float64Var(&c.Rate, "rate", 60, "`meetings` that begin on each Call Bridge in a simulated hour, on average")
	fs.BoolVar(&c.Demo, "demo", false, "one short fixed meeting, as fast as it goes unless -speed says otherwise; -bridges,\n-calls, -duration and -rate do not count")
	c.Speed = 1
	fs.Func("speed", "how many times faster than real: a `factor`, or max for as fast as it goes (default 1)", func(text string) (err error) {
		c.Speed, err = speed(text)
		return err
	})
	fs.Uint64Var(&c.Seed, "seed", rand.Uint64(), "`number` that everything made up follows from")
	fs.Var(&c.Faults, "faults", simulate.FaultsHelp)
	fs.Func("start", "simulated `time` at which the run begins, as in 2026-01-02T03:04:05Z (default: so that it ends now)", func(text string) (err error) {
		c.Start, err = time.Parse(time.RFC3339, text)
		return err
	})
	fs.IntVar(&c.Bundle, "bundle", 0, "most `records` in a document; 0 for all that are due")
	fs.IntVar(&c.Buffer, "buffer", 100_000, "`records` that a Call Bridge keeps for a target that does not take them")
	fs.DurationVar(&c.GiveUp, "give-up", 30*time.Second, "fail after this `time` without any success; 0 for never")
	fs.StringVar(&o.expect, "expect", "", "write what the receiver should have counted to a `file`, as JSON; - for standard output")
	fs.BoolVar(&c.IDs, "ids", false, "list in -expect the ids of all calls and legs that ended")
	fs.BoolVar(&o.quiet, "quiet", false, "no progress and no summary")
	fs.BoolVar(&o.version, "version", false, "print the version")

	err := fs.Parse(args)
	help.Reset()
	fs.Lookup("seed").DefValue = "0" // it is another one in every run: show none
	fs.PrintDefaults()
	o.help = about + help.String()
	if err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("%q is no flag: a receiver is named with -target", fs.Arg(0))
	}
	return o, o.complete(fs)
}

// complete fills in the defaults that depend on other flags.
func (o *options) complete(fs *flag.FlagSet) error {
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	c := &o.config
	if len(c.Targets) == 0 {
		c.Targets = []string{"http://127.0.0.1:8080/cdr"}
	}
	if c.Demo && !given["speed"] {
		c.Speed = 0
	}
	if c.Meetings == 0 && !given["duration"] {
		c.Duration = 10 * time.Minute
	}
	for _, f := range []struct {
		name string
		zero bool
	}{{"bridges", c.Bridges == 0}, {"rate", c.Rate == 0}, {"buffer", c.Buffer == 0}} {
		if f.zero {
			return fmt.Errorf("-%s 0: use a number above 0", f.name)
		}
	}
	return nil
}

// speed reads a factor; 0 is as fast as it goes.
func speed(text string) (float64, error) {
	if text == "max" {
		return 0, nil
	}
	factor, err := strconv.ParseFloat(text, 64)
	if err != nil || !(factor >= 0 && factor <= 1e9) {
		return 0, errors.New("use a factor such as 60, or max")
	}
	return factor, nil
}
