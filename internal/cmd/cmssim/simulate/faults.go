package simulate

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Faults are the faults of a run. The seed of the run determines when they happen, except for Repeat, which also depends
// on how many POSTs there are.
type Faults struct {
	Loss     float64 // probability that a record is lost before it is sent
	Repeat   float64 // probability that a 200 is lost, so that the document is sent again
	Restarts int     // restarts of each Call Bridge
	Outages  int     // network failures of each Call Bridge, of 30 s to 5 min
	Scanner  float64 // additional bursts of SIP scanner calls per hour on each Call Bridge
}

// usualScanners is the number of bursts of SIP scanner calls per hour on each Call Bridge without faults.
const usualScanners = 0.2

// FaultsHelp explains the list that Set parses.
const FaultsHelp = "a comma-separated `list` of faults:" + `
  loss=P     a record is lost with probability P; the next record reports it as missing
  repeat=P   a 200 is lost with probability P, and its document is sent again
  restart=N  each Call Bridge restarts N times; open calls and legs get no end records
  outage=N   the network of each Call Bridge fails N times, for 30 s to 5 min
  scanner=N  N additional bursts of SIP scanner calls per hour on each Call Bridge`

// Set sets the faults in a comma-separated list, which may be empty. It does not change the others.
func (f *Faults) Set(list string) error {
	for item := range strings.SplitSeq(list, ",") {
		if item == "" {
			continue
		}
		name, value, _ := strings.Cut(item, "=")
		if err := f.set(name, value); err != nil {
			return fmt.Errorf("%q: %w", item, err)
		}
	}
	return nil
}

func (f *Faults) set(name, value string) (err error) {
	switch name {
	case "loss":
		f.Loss, err = probability(value)
	case "repeat":
		f.Repeat, err = probability(value)
	case "restart":
		f.Restarts, err = count(value)
	case "outage":
		f.Outages, err = count(value)
	case "scanner":
		f.Scanner, err = strconv.ParseFloat(value, 64)
		if err != nil || !(f.Scanner >= 0 && f.Scanner <= 10_000) {
			err = errors.New("use bursts per hour, 0 to 10000")
		}
	default:
		err = errors.New("unknown fault; use loss, repeat, restart, outage or scanner")
	}
	return err
}

// probability parses a number from 0 to below 1. A run in which every 200 is lost would not end, and one in which every
// record is lost would post nothing.
func probability(value string) (float64, error) {
	p, err := strconv.ParseFloat(value, 64)
	if err != nil || !(p >= 0 && p < 1) {
		return 0, errors.New("use a probability from 0 to below 1")
	}
	return p, nil
}

func count(value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > 1000 {
		return 0, errors.New("use a whole number from 0 to 1000")
	}
	return n, nil
}
