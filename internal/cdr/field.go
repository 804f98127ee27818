package cdr

import (
	"math"
	"strconv"
	"strings"
)

// fields is what a list of nodes can be read into.
type fields interface {
	// set takes the node if the guide lists it here and reports whether it did;
	// below are the node's descendants.
	set(node *Node, below []Node) bool
}

// setAll reads the attributes and child elements of a container, and is true:
// the container itself is known.
func setAll(to fields, below []Node) bool {
	for i := 0; i < len(below); i += 1 + below[i].Size {
		n := &below[i]
		n.Known = to.set(n, below[i+1:i+1+n.Size])
	}
	return true
}

// The following take the node as a field of one type and are true. What cannot
// be read so stays text, and leaves the field absent.

func setText(to *string, n *Node) bool {
	*to = n.Text
	return true
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
	return true
}

func setInt(to *Optional[int64], n *Node) bool {
	if v, ok := decimal(n.Text); ok {
		n.Type, n.Int = Integer, int64(v)
	}
	*to = Optional[int64]{Value: n.Int, Present: n.Type == Integer}
	return true
}

func setDouble(to *Optional[float64], n *Node) bool {
	v, err := strconv.ParseFloat(strings.TrimSpace(n.Text), 64)
	if err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
		n.Type, n.Double = Double, v
	}
	*to = Optional[float64]{Value: n.Double, Present: n.Type == Double}
	return true
}

// maxCount is the highest index or number that is believed: far beyond any, and
// sums of it stay exact.
const maxCount = 1 << 53

// decimal reads an unsigned number. strconv's errors would allocate.
func decimal(s string) (n uint64, ok bool) {
	s = strings.TrimSpace(s)
	for i := range len(s) {
		digit := uint64(s[i] - '0')
		if digit > 9 || n > (maxCount-digit)/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	return n, s != ""
}
