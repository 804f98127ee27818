package simulate

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Faults are what goes wrong in a run, drawn from its seed.
type Faults struct {
	Loss      float64 // how probable it is that a record vanishes before it is sent
	NoMissing bool    // a loss shows in the indices alone
	Repeat    float64 // how probable it is that a 200 is lost, so that its document comes again
	Restarts  int     // of each Call Bridge
	LoseQueue bool    // posting stops for some seconds before a restart, and what waits is lost with it
	Outages   int     // of each Call Bridge's network, half a minute to five
	Scanner   float64 // more bursts of SIP scanners an hour on each Call Bridge
}

// usualScanners is how many bursts an hour a Call Bridge sees anyway.
const usualScanners = 0.2

// FaultsHelp explains what Set understands.
const FaultsHelp = "what goes wrong, a comma `list` of" + `
  loss=P     a record vanishes with probability P; the next tells what is missing
  nomissing  records do not tell what is missing: only the index jumps
  repeat=P   a 200 is lost with probability P, and the document comes again
  restart=N  each Call Bridge restarts N times: what is open never ends
  losequeue  at a restart, the last seconds before it are lost
  outage=N   each Call Bridge's network fails N times, half a minute to five
  scanner=N  N more bursts of SIP scanners an hour on each Call Bridge`

// Set reads a comma list. Together with String it makes a flag.
func (f *Faults) Set(list string) error {
	for item := range strings.SplitSeq(list, ",") {
		if item == "" {
			continue
		}
		name, value, given := strings.Cut(item, "=")
		if err := f.set(name, value, given); err != nil {
			return fmt.Errorf("%s: %w", item, err)
		}
	}
	return nil
}

func (f *Faults) set(name, value string, given bool) (err error) {
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
			err = errors.New("use bursts an hour, 0 to 10000")
		}
	case "nomissing", "losequeue":
		if given {
			return errors.New("it takes no value")
		}
		f.NoMissing = f.NoMissing || name == "nomissing"
		f.LoseQueue = f.LoseQueue || name == "losequeue"
	default:
		err = errors.New("no such fault; there are loss, nomissing, repeat, restart, losequeue, outage, scanner")
	}
	return err
}

// String is the list that Set would read.
func (f *Faults) String() string {
	var items []string
	for _, v := range []struct {
		name  string
		value float64
	}{
		{"loss", f.Loss},
		{"repeat", f.Repeat},
		{"restart", float64(f.Restarts)},
		{"outage", float64(f.Outages)},
		{"scanner", f.Scanner},
	} {
		if v.value > 0 {
			items = append(items, fmt.Sprintf("%s=%v", v.name, v.value))
		}
	}
	if f.NoMissing {
		items = append(items, "nomissing")
	}
	if f.LoseQueue {
		items = append(items, "losequeue")
	}
	return strings.Join(items, ",")
}

// probability is below 1: what always fails would never end.
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
