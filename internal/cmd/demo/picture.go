package main

import (
	"cmp"
	"fmt"
	"html"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// The measures of the picture.
const (
	wide      = 920
	rowHeight = 36
	above     = 62  // before the first row
	barsFrom  = 310 // where the bars begin
	barsTo    = wide - 20
	ticks     = 4
)

// style uses the reader's preference for light or dark.
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

// picture draws the trace as Jaeger's page does: a row for each span, with a bar from
// its start to its end. Waiting in the voice menu and the lobby is drawn pale.
func picture(all []row) string {
	var w strings.Builder
	tall := above + rowHeight*len(all) + 16
	fmt.Fprintf(&w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">`+"\n", wide, tall)
	fmt.Fprintf(&w, "<title>%s</title>\n%s", html.EscapeString("Trace of "+all[0].label()), style)
	fmt.Fprintf(&w, `<rect class="paper" width="%d" height="%d" rx="6"/>`+"\n", wide, tall)
	write(&w, 20, 30, "title", cmp.Or(all[0].who(), all[0].label()))
	write(&w, barsFrom+4, 30, "small", "trace "+all[0].span.TraceID().String())
	a := axis{from: all[0].span.StartTimestamp().AsTime(), span: spanDuration(all[0].span)}
	a.draw(&w, tall)
	for i, r := range all {
		drawRow(&w, a, r, above+rowHeight*i)
	}
	w.WriteString("</svg>\n")
	return w.String()
}

// axis converts times to positions.
type axis struct {
	from time.Time
	span time.Duration
}

func (a axis) x(at time.Time) float64 {
	return barsFrom + (barsTo-barsFrom)*float64(at.Sub(a.from))/float64(max(a.span, 1))
}

func (a axis) draw(w *strings.Builder, tall int) {
	for i := range ticks {
		at := a.from.Add(a.span * time.Duration(i) / ticks)
		x := a.x(at)
		fmt.Fprintf(w, `<line class="line" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`+"\n", x, x, above-8, tall-12)
		write(w, x+4, above-12, "small", clock(pcommon.NewTimestampFromTime(at)))
	}
}

func drawRow(w *strings.Builder, a axis, r row, y int) {
	from, to := r.span.StartTimestamp().AsTime(), r.span.EndTimestamp().AsTime()
	indent, class := float64(20+16*r.depth), "name"
	if r.failed() {
		class = "failed"
		write(w, a.x(to)+6, float64(y+22), class, "✗ "+text(r.span.Attributes(), "error.type"))
	}
	if who := r.who(); who == "" {
		write(w, indent, float64(y+22), class, r.span.Name())
	} else {
		write(w, indent, float64(y+11), class, who)
		write(w, indent, float64(y+25), "small", r.span.Name())
	}
	bar(w, a, classOf(r), from, to, y)
	for _, wait := range waits(r.span) {
		bar(w, a, "wait", wait.from, wait.to, y)
	}
}

// classOf returns the style of a span's bar.
func classOf(r row) string {
	role := text(r.span.Attributes(), "cisco.cms.call_leg.role")
	switch {
	case r.failed():
		return "failed"
	case role == "participant":
		return "person"
	case role != "" || strings.HasPrefix(r.span.Name(), "recording"):
		return "other"
	case strings.HasPrefix(r.span.Name(), "meeting"):
		return "meeting"
	default:
		return "call"
	}
}

func bar(w *strings.Builder, a axis, class string, from, to time.Time, y int) {
	x := a.x(from)
	fmt.Fprintf(w, `<rect class="%s" x="%.1f" y="%d" width="%.1f" height="12" rx="2"/>`+"\n", class, x, y+11, max(a.x(to)-x, 1))
}

func write(w *strings.Builder, x, y float64, class, words string) {
	fmt.Fprintf(w, `<text class="%s" x="%.1f" y="%.1f">%s</text>`+"\n", class, x, y, html.EscapeString(words))
}
