package wire

import (
	"strconv"
	"strings"
)

// writer appends XML to a buffer. Like a Meeting Server, it omits elements without a value.
type writer struct{ buf []byte }

var (
	escapeText      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	escapeAttribute = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
)

func (w *writer) raw(s string) { w.buf = append(w.buf, s...) }

func (w *writer) attribute(name, value string) {
	w.raw(" " + name + `="` + escapeAttribute.Replace(value) + `"`)
}

// open writes the start tag of an element with an id.
func (w *writer) open(name, id string) {
	w.raw("<" + name)
	w.attribute("id", id)
	w.raw(">")
}

func (w *writer) close(name string) { w.raw("</" + name + ">") }

func (w *writer) text(name, value string) {
	if value == "" {
		return
	}
	w.raw("<" + name + ">")
	w.raw(escapeText.Replace(value))
	w.close(name)
}

func (w *writer) flag(name string, f Flag) {
	switch f {
	case True:
		w.text(name, "true")
	case False:
		w.text(name, "false")
	case Absent:
	}
}

func (w *writer) number(name string, n int) { w.text(name, strconv.Itoa(n)) }

func (w *writer) decimal(name string, v float64, digits int) {
	w.text(name, strconv.FormatFloat(v, 'f', digits, 64))
}
