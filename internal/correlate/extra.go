package correlate

import (
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// maxExtra bounds how many unknown elements and attributes a span keeps, and
// maxExtraText their text, in bytes. The log record has all of them whole.
const (
	maxExtra     = 32
	maxExtraText = 1024
)

// Extra are elements and attributes that the receiver does not know: dotted
// paths as spelled, and their text. Of a path that repeats, the last one stays.
type Extra []cdr.Attribute

// with returns the extra and what the record adds to it.
func (e Extra) with(record *cdr.Record) Extra {
	for _, attribute := range record.Attributes {
		e = e.put("record."+attribute.Name, attribute.Value)
	}
	return e.withNodes("", record.Nodes)
}

// withNodes goes through the tree below path.
func (e Extra) withNodes(path string, nodes []cdr.Node) Extra {
	for i := 0; i < len(nodes); i++ {
		node, below := &nodes[i], nodes[i+1:i+1+nodes[i].Size]
		i += node.Size
		if node.Known && !hasUnknown(below) {
			continue
		}
		here := path + node.Name
		if !node.Known && (node.Size == 0 || node.Text != "") {
			e = e.put(here, node.Text)
		}
		e = e.withNodes(here+".", below)
	}
	return e
}

func hasUnknown(nodes []cdr.Node) bool {
	for i := range nodes {
		if !nodes[i].Known {
			return true
		}
	}
	return false
}

// put never changes the extra it is called on: the session may hold it.
func (e Extra) put(path, text string) Extra {
	text = strings.Clone(strings.ToValidUTF8(text[:min(len(text), maxExtraText)], ""))
	for i := range e {
		if e[i].Name != path {
			continue
		}
		if e[i].Value == text {
			return e
		}
		changed := append(Extra(nil), e...)
		changed[i].Value = text
		return changed
	}
	if len(e) >= maxExtra {
		return e
	}
	return append(e[:len(e):len(e)], cdr.Attribute{Name: strings.Clone(path), Value: text})
}
