package cdr

import (
	"math"
	"strconv"
	"strings"
)

// fields is what a list of nodes can be read into.
type fields interface {
	// set takes the node as the field of that name, if the guide lists it here and
	// its value makes sense, and reports whether it did; below are the node's
	// descendants.
	set(name string, node *Node, below []Node) bool
}

// setAll reads the attributes and child elements of a container, and is true:
// the container itself is known.
func setAll(to fields, below []Node) bool {
	for i := 0; i < len(below); i += 1 + below[i].Size {
		n := &below[i]
		setField(to, n, below[i+1:i+1+n.Size])
	}
	return true
}

// setField reads one attribute or child element. The guide's tables and its
// examples spell some names differently: case does not count.
func setField(to fields, n *Node, below []Node) {
	n.Known = to.set(n.Name, n, below)
	if n.Known {
		return
	}
	if name := spelled(n.Name); name != n.Name {
		n.Known = to.set(name, n, below)
	}
}

// The following take the node as a field of one type. They are false for what
// cannot be read so: it stays text, unknown, and leaves the field absent.

// setText takes free text. White space around it stays, unless line breaks show
// that it is the document's.
func setText(to *string, n *Node) bool {
	n.Text = unwrapped(n.Text)
	*to = n.Text
	return true
}

// setWord takes one of a list, an id or an address, which have no white space
// around them.
func setWord(to *string, n *Node) bool {
	n.Text = strings.TrimSpace(n.Text)
	*to = n.Text
	return true
}

// unwrapped is the text without the white space around it that has a line break.
func unwrapped(s string) string {
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
	yes := strings.EqualFold(text, "true")
	if yes || strings.EqualFold(text, "false") {
		n.Type, n.Bool = Boolean, yes
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
	v, err := strconv.ParseFloat(strings.TrimSpace(n.Text), 64)
	if err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
		n.Type, n.Double = Double, v
	}
	*to = Optional[float64]{Value: n.Double, Present: n.Type == Double}
	return to.Present || blank(n.Text)
}

// maxCount is the highest index or number that is believed: far beyond any, and
// sums of it stay exact.
const maxCount = 1 << 53

// decimal reads an unsigned number, which may be written as 10.0. strconv's
// errors would allocate.
func decimal(s string) (n uint64, ok bool) {
	s = strings.TrimSpace(s)
	if whole, fraction, found := strings.Cut(s, "."); found && fraction != "" && strings.Trim(fraction, "0") == "" {
		s = whole
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
