package main

import (
	"cmp"
	"fmt"
	"html"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// Measures of the drawing in pixels.
const (
	imageWidth = 920
	rowHeight  = 36
	topMargin  = 62  // above the first row
	barsFrom   = 310 // left edge of the bars
	barsTo     = imageWidth - 20
	ticks      = 4 // number of vertical lines, not pixels
)

// style is the CSS of the drawing. It follows the reader's preference for light or dark.
const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.small { font-size: 12px; fill: #59636e }
.paper { fill: #ffffff } .line { stroke: #d1d9e0 }
.meeting { fill: #57606a } .call { fill: #0969da } .person { fill: #1a7f37 } .other { fill: #8250df } .failed { fill: #cf222e }
text.failed { fill: #cf222e } .wait { fill: #ffffff; opacity: .6 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .small { fill: #9198a1 } .paper { fill: #0d1117 } .line { stroke: #3d444d }
.meeting { fill: #9198a1 } .call { fill: #4493f8 } .person { fill: #3fb950 } .other { fill: #ab7df8 }
.failed, text.failed { fill: #f85149 } .wait { fill: #0d1117 }
}
</style>
`

// drawing returns an SVG image of a trace, as Jaeger's page shows it: a row for each span,
// with a bar from its start to its end. The time in the voice menu and the lobby is pale.
func drawing(all []row) string {
	var w strings.Builder
	imageHeight := topMargin + rowHeight*len(all) + 16
	fmt.Fprintf(&w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">`+"\n", imageWidth, imageHeight)
	fmt.Fprintf(&w, "<title>%s</title>\n%s", html.EscapeString("Trace of "+all[0].label()), style)
	fmt.Fprintf(&w, `<rect class="paper" width="%d" height="%d" rx="6"/>`+"\n", imageWidth, imageHeight)
	writeText(&w, 20, 30, "title", cmp.Or(all[0].subject(), all[0].label()))
	writeText(&w, barsFrom+4, 30, "small", "trace "+all[0].span.TraceID().String())
	a := axis{from: all[0].span.StartTimestamp().AsTime(), duration: spanDuration(all[0].span)}
	a.draw(&w, imageHeight)
	for i, r := range all {
		drawRow(&w, a, r, topMargin+rowHeight*i)
	}
	w.WriteString("</svg>\n")
	return w.String()
}

// axis converts times to horizontal positions.
type axis struct {
	from     time.Time
	duration time.Duration
}

func (a axis) x(at time.Time) float64 {
	return barsFrom + (barsTo-barsFrom)*float64(at.Sub(a.from))/float64(max(a.duration, 1))
}

// draw draws the vertical lines and their times.
func (a axis) draw(w *strings.Builder, imageHeight int) {
	for i := range ticks {
		at := a.from.Add(a.duration * time.Duration(i) / ticks)
		x := a.x(at)
		fmt.Fprintf(w, `<line class="line" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`+"\n", x, x, topMargin-8, imageHeight-12)
		writeText(w, x+4, topMargin-12, "small", clock(pcommon.NewTimestampFromTime(at)))
	}
}

func drawRow(w *strings.Builder, a axis, r row, y int) {
	from, to := r.span.StartTimestamp().AsTime(), r.span.EndTimestamp().AsTime()
	indent, class := float64(20+16*r.depth), "name"
	if r.failed() {
		class = "failed"
		writeText(w, a.x(to)+6, float64(y+22), class, "✗ "+text(r.span.Attributes(), "error.type"))
	}
	if subject := r.subject(); subject == "" {
		writeText(w, indent, float64(y+22), class, r.span.Name())
	} else {
		writeText(w, indent, float64(y+11), class, subject)
		writeText(w, indent, float64(y+25), "small", r.span.Name())
	}
	bar(w, a, classOf(r), from, to, y)
	for _, wait := range waits(r.span) {
		bar(w, a, "wait", wait.from, wait.to, y)
	}
}

// classOf returns the CSS class of a span's bar. The processors of examples/collector.yaml
// replace the name "call coSpace" by one such as "call: Ward round".
func classOf(r row) string {
	kind := printed.Kind(strings.Replace(r.span.Name(), ":", "", 1))
	switch {
	case r.failed():
		return "failed"
	case text(r.span.Attributes(), "cisco.cms.call_leg.role") == "participant":
		return "person"
	case kind == "meeting" || kind == "call":
		return kind
	default:
		return "other"
	}
}

func bar(w *strings.Builder, a axis, class string, from, to time.Time, y int) {
	x := a.x(from)
	fmt.Fprintf(w, `<rect class="%s" x="%.1f" y="%d" width="%.1f" height="12" rx="2"/>`+"\n", class, x, y+11, max(a.x(to)-x, 1))
}

func writeText(w *strings.Builder, x, y float64, class, text string) {
	fmt.Fprintf(w, `<text class="%s" x="%.1f" y="%.1f">%s</text>`+"\n", class, x, y, html.EscapeString(text))
}
