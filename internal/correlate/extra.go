package correlate

import (
	"slices"
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// These limit the unknown elements and attributes on a span: their number, the bytes of
// each path, and how many of one record are considered. The body of the log record has
// all of them, except for the attributes of <record>. Those are attributes of the log
// record, with limits of its own.
const (
	maxExtra     = 32
	maxPath      = 256
	maxAdditions = 2 * maxExtra
)

// Extra holds the unknown elements and attributes of records: the nodes that are not Known,
// such as those with a value that is not valid, and the Attributes of <record>. The Name of
// each is a dotted path as spelled in the record. If a path is repeated, the last value is
// kept, except that a late record overwrites none.
type Extra []cdr.Attribute

// withRecord returns the extra with the additions of a record. It does not change e,
// which the session may hold.
func (e Extra) withRecord(record *cdr.Record, late bool) Extra {
	a := additions{extra: e, remaining: maxAdditions}
	if late {
		a.fixed = len(e)
	}
	for _, attribute := range record.Attributes {
		a.put("record.", attribute.Name, attribute.Value)
	}
	a.addNodes("", record.Nodes)
	return a.extra
}

// additions adds the unknown elements and attributes of one record.
type additions struct {
	extra Extra
	// owned is set once extra is a copy that may be changed.
	owned     bool
	remaining int
	// fixed is the number of attributes, from the first, that are not overwritten.
	fixed int
}

// addNodes adds the unknown nodes. path is that of their parent and a dot, or empty.
func (a *additions) addNodes(path string, nodes []cdr.Node) {
	for i := 0; i < len(nodes) && a.remaining > 0; i += 1 + nodes[i].Size {
		node, below := &nodes[i], nodes[i+1:i+1+nodes[i].Size]
		if !node.Known && (node.Size == 0 || node.Text != "") {
			a.put(path, node.Name, node.Text)
		}
		if len(below) > 0 && len(path)+len(node.Name) < maxPath && slices.ContainsFunc(below, isUnknown) {
			a.addNodes(path+node.Name+".", below)
		}
	}
}

func isUnknown(node cdr.Node) bool { return !node.Known }

// put sets the text of the path joined with the name, within the limits.
func (a *additions) put(path, name, text string) {
	if a.remaining--; a.remaining < 0 || len(path)+len(name) > maxPath {
		return
	}
	text = bounded(text)
	position := slices.IndexFunc(a.extra, func(existing cdr.Attribute) bool {
		return len(existing.Name) == len(path)+len(name) && strings.HasPrefix(existing.Name, path) && strings.HasSuffix(existing.Name, name)
	})
	switch {
	case position >= 0 && (position < a.fixed || a.extra[position].Value == text), position < 0 && len(a.extra) == maxExtra:
		return
	case !a.owned:
		a.extra, a.owned = slices.Clone(a.extra), true
	}
	if position < 0 {
		a.extra = append(a.extra, cdr.Attribute{Name: strings.Clone(path + name)})
		position = len(a.extra) - 1
	}
	a.extra[position].Value = strings.Clone(text)
}
