package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

const (
	about = `cmssim posts the call detail records of simulated meetings, as a Cisco Meeting Server does.

Examples:
  cmssim -demo                                    one meeting on two Call Bridges, at full speed
  cmssim -bridges 3 -duration 1h -speed max       an hour of a small cluster, at full speed
  cmssim -bridges 3 -duration 10m                 ten minutes of a small cluster, in real time
  cmssim -calls 500 -speed max -faults loss=0.01,repeat=0.05,restart=1,outage=1

Runs with the same flags and seed have the same meetings and ids, so a receiver ignores the records of a second run
as duplicates.

`
	// giveUp is how long POSTs may fail, without one that is acknowledged, before the command fails.
	giveUp = 30 * time.Second
)

// errVersion is the result of parse for the flag -version.
var errVersion = errors.New("print the version")

// parse parses the flags. It returns their help text too, even with an error.
func parse(args []string) (c simulate.Config, help string, err error) {
	fs := flag.NewFlagSet("cmssim", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.Target, "target", "http://127.0.0.1:8080/cdr", "receiver `URI`; each Call Bridge adds its system_id (cms1, cms2, …) unless the URI has one")
	fs.IntVar(&c.Bridges, "bridges", 1, "`number` of Call Bridges")
	fs.IntVar(&c.Meetings, "calls", 0, "`number` of meetings, simulated to their end unless -duration is shorter; 0 to limit the run by -duration")
	fs.DurationVar(&c.Duration, "duration", 0, "simulated `time` after which the run ends, even in the middle of meetings (default 10m without -calls)")
	fs.Float64Var(&c.Rate, "rate", 60, "`meetings` that start on each Call Bridge in a simulated hour, on average")
	fs.BoolVar(&c.Demo, "demo", false, "one short fixed meeting, by default at -speed max; does not use -bridges, -calls,\n-duration and -rate")
	c.Speed = 1
	fs.Func("speed", "simulated time divided by real time: a `factor`, or max for as fast as the receiver answers\n(default 1)", func(text string) (err error) {
		c.Speed, err = speed(text)
		return err
	})
	fs.Uint64Var(&c.Seed, "seed", 0, "`number` that determines the meetings and faults; 0 for a random one")
	fs.Func("faults", simulate.FaultsHelp, c.Faults.Set)

	version := fs.Bool("version", false, "print the version")

	err = fs.Parse(args)
	var text strings.Builder
	fs.SetOutput(&text)
	fs.PrintDefaults()
	switch {
	case err != nil:
	case *version:
		err = errVersion
	default:
		err = complete(&c, fs)
	}
	return c, about + text.String(), err
}

// complete sets GiveUp, a random seed if none is set, and the defaults that depend on other flags. It checks the result.
func complete(c *simulate.Config, fs *flag.FlagSet) error {
	if fs.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: use -target for a receiver", fs.Arg(0))
	}
	set := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	if c.Demo && !set["speed"] {
		c.Speed = 0
	}
	if c.Meetings == 0 && !set["duration"] {
		c.Duration = 10 * time.Minute
	}
	if c.Seed == 0 {
		c.Seed = rand.Uint64()
	}
	if c.Bridges == 0 || c.Rate == 0 {
		return errors.New("-bridges and -rate must be above 0")
	}
	c.GiveUp = giveUp
	return c.Validate()
}

// speed parses a factor, or max, which is 0 in simulate.Config.
func speed(text string) (float64, error) {
	if text == "max" {
		return 0, nil
	}
	factor, err := strconv.ParseFloat(text, 64)
	if err != nil || !(factor > 0 && factor <= 1e9) {
		return 0, errors.New("use a factor such as 60, or max")
	}
	return factor, nil
}
