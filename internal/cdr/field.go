package cdr

import (
	"math"
	"strconv"
	"strings"
)

// fields is a struct whose fields are set from nodes.
type fields interface {
	// set sets the field of that name. It reports whether the field is known in this
	// element and the value is valid or empty. The known fields are those that the guide
	// lists for the element, and a few others. below are the node's descendants.
	set(name string, node *Node, below []Node) bool
}

// setAll parses the attributes and child elements of a container. It returns true,
// because the container itself is known.
func setAll(to fields, below []Node) bool {
	for i := 0; i < len(below); i += 1 + below[i].Size {
		n := &below[i]
		setField(to, n, below[i+1:i+1+n.Size])
	}
	return true
}

// setField parses one attribute or child element. The guide's tables and examples
// differ in the case of some names, so case is ignored.
func setField(to fields, n *Node, below []Node) {
	n.Known = to.set(n.Name, n, below)
	if n.Known {
		return
	}
	if name := guideSpelling(n.Name); name != n.Name {
		n.Known = to.set(name, n, below)
	}
}

// The following functions set a field from the node's text, and report whether the text
// is valid. If it is not, the node stays an unknown text, and the field is absent. An
// empty text is valid; the field is absent then too.

// setText sets a free text. White space before the text is kept, unless that white space
// contains a line break: then it is part of the document's formatting. White space after
// the text is treated in the same way.
func setText(to *string, n *Node) bool {
	n.Text = trimLayout(n.Text)
	*to = n.Text
	return true
}

// setWord sets an enumerated value, an id or an address, without white space around
// it.
func setWord(to *string, n *Node) bool {
	n.Text = strings.TrimSpace(n.Text)
	*to = n.Text
	return true
}

// trimLayout returns the text without surrounding white space that has a line break.
func trimLayout(s string) string {
	if s == "" || !isSpace(s[0]) && !isSpace(s[len(s)-1]) {
		return s
	}
	const space, breaks = " \t\r\n", "\r\n"
	if inner := strings.TrimLeft(s, space); strings.ContainsAny(s[:len(s)-len(inner)], breaks) {
		s = inner
	}
	if inner := strings.TrimRight(s, space); strings.ContainsAny(s[len(inner):], breaks) {
		s = inner
	}
	return s
}

func setGUID(to *string, n *Node) bool {
	n.Text = guid(n.Text)
	*to = n.Text
	return true
}

func setBool(to *Optional[bool], n *Node) bool {
	text := strings.TrimSpace(n.Text)
	value := strings.EqualFold(text, "true")
	if value || strings.EqualFold(text, "false") {
		n.Type, n.Bool = Boolean, value
	}
	*to = Optional[bool]{Value: n.Bool, Present: n.Type == Boolean}
	return to.Present || blank(n.Text)
}

func setInt(to *Optional[int64], n *Node) bool {
	if v, ok := decimal(n.Text); ok {
		n.Type, n.Int = Integer, int64(v)
	}
	*to = Optional[int64]{Value: n.Int, Present: n.Type == Integer}
	return to.Present || blank(n.Text)
}

func setDouble(to *Optional[float64], n *Node) bool {
	text := strings.TrimSpace(n.Text)
	if isFastDouble(text) {
		v, err := strconv.ParseFloat(text, 64)
		if err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
			n.Type, n.Double = Double, v
		}
	}
	*to = Optional[float64]{Value: n.Double, Present: n.Type == Double}
	return to.Present || blank(n.Text)
}

// isFastDouble reports whether a number has at most 19 digits without leading zeros, an
// exponent of at most two, and at most 64 bytes. strconv needs a thousand times as long for
// some other numbers, such as 5e-324 and those between two doubles, and a hostile body can
// have a million of them.
func isFastDouble(s string) bool {
	mantissa, exponent := s, ""
	if i := strings.IndexAny(s[:min(len(s), 64)], "eE"); i >= 0 {
		mantissa, exponent = s[:i], s[i+1:]
	}
	return len(s) <= 64 && len(strings.TrimLeft(mantissa, "+-0.")) <= 19 && len(strings.TrimLeft(exponent, "+-0")) <= 2
}

// maxCount is the highest index or integer that is accepted. It is far above any real
// value, and the sum of a thousand such values does not overflow an int64.
const maxCount = 1 << 53

// decimal parses an unsigned integer up to maxCount, also in the form 10.0. It does not use
// strconv, whose errors allocate.
func decimal(s string) (n uint64, ok bool) {
	s = strings.TrimSpace(s)
	if integer, fraction, found := strings.Cut(s, "."); found && fraction != "" && strings.Trim(fraction, "0") == "" {
		s = integer
	}
	for i := range len(s) {
		digit := uint64(s[i] - '0')
		if digit > 9 || n > (maxCount-digit)/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	return n, s != ""
}
