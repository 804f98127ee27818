package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// show prints what came out, as a person reads it.
func show(out io.Writer, sink *sink, metrics string) {
	sink.mu.Lock()
	defer sink.mu.Unlock()
	fmt.Fprintln(out, "TRACES: calls and call legs, with what happened to each")
	fmt.Fprintln(out)
	printed.Tree(out, sink.traces)
	fmt.Fprintln(out)
	fmt.Fprintln(out, "LOGS: every record")
	fmt.Fprintln(out)
	printed.LogLines(out, sink.logs)
	fmt.Fprintln(out)
	fmt.Fprintln(out, "METRICS: as Prometheus sees them (histogram buckets left out)")
	fmt.Fprintln(out)
	for line := range strings.Lines(metrics) {
		if strings.HasPrefix(line, "cisco_cms_") && !strings.Contains(line, "_bucket{") {
			fmt.Fprint(out, line)
		}
	}
}
