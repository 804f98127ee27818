package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

// screen is what somebody in front of the command sees.
type screen struct {
	out      io.Writer // of the summary
	err      io.Writer // of all else
	quiet    bool
	terminal bool // err is one, and can have a line rewritten
	line     bool // there is such a line
}

// clearLine goes back to the beginning of a terminal's line and wipes it.
const clearLine = "\r\x1b[K"

func newScreen(o *options, stdout, stderr io.Writer) *screen {
	s := &screen{out: stdout, err: stderr, quiet: o.quiet, terminal: isTerminal(stderr)}
	if o.expect == "-" {
		s.out = stderr // standard output is for the expectation alone
	}
	return s
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// warn is for what is wrong with a target, which is said even to those who want quiet.
// It comes from any goroutine.
func (s *screen) warn(text string) {
	text = "cmssim: " + text
	if s.terminal {
		text = clearLine + text
	}
	fmt.Fprintln(s.err, text)
}

func (s *screen) progress(now simulate.Summary) {
	if s.quiet || !s.terminal {
		return
	}
	s.line = true
	fmt.Fprintf(s.err, clearLine+"%s of %s  %d records  %d POSTs  %d sent again",
		now.At, now.Span.Round(time.Second), now.Records, now.Posts, now.Resends)
}

func (s *screen) summary(done simulate.Summary, seed uint64, interrupted bool) {
	if s.line {
		fmt.Fprint(s.err, clearLine)
	}
	if s.quiet {
		return
	}
	if interrupted {
		fmt.Fprintln(s.out, "stopped before the end")
	}
	perSecond := float64(done.Acknowledged) / max(done.Elapsed.Seconds(), 1e-9)
	fmt.Fprintf(s.out, `simulated     %s in %s (seed %d)
records       %d reported, %d acknowledged, %.0f a second
POSTs         %d, of them %d sent again, %d refused, %d unanswered
answered in   %s (p50), %s (p99)
`,
		done.At, done.Elapsed.Round(time.Millisecond), seed,
		done.Records, done.Acknowledged, perSecond,
		done.Posts, done.Resends, done.Refused, done.Unanswered, done.P50, done.P99)
}
