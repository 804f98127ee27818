package main

import (
	"fmt"
	"strings"
)

// show prints the demo's screen: a summary of the telemetry, the files, and what to do
// next.
func show(p *page, telemetry *telemetry, files []string) error {
	p.line(bold, fmt.Sprintf("ONE TRACE, as Jaeger shows it: %s (times are UTC)", telemetry.tree[0].span.TraceID()))
	showTree(p, telemetry.tree)

	all := records(telemetry.logs...)
	selected := selectRecords(all)
	p.line(plain, "")
	p.line(bold, fmt.Sprintf("LOG RECORDS, %d of %d; the names of events begin with cisco.cms.", len(selected), len(all)))
	showRecords(p, selected)

	values, err := samples(telemetry.metrics)
	if err != nil {
		return err
	}
	p.line(plain, "")
	p.line(bold, "FIGURES since the collector started, each with its query for Prometheus")
	if err := showFigures(p, values); err != nil {
		return err
	}

	p.line(plain, "")
	p.line(bold, "FILES with the complete telemetry")
	p.line(plain, "  "+strings.Join(files, "  "))
	p.line(bold, "NEXT")
	p.line(plain, "  make run       print a line for each record; make simulate in a second terminal sends some")
	p.line(plain, "  make stack     show the telemetry in Jaeger, Loki and Prometheus on this machine")
	p.line(plain, `  README.md      "Point Meeting Server at it"`)
	return nil
}
