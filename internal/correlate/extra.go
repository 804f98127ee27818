package correlate

import (
	"slices"
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// What a span keeps of elements and attributes that the receiver does not know
// is bounded: in number, in the length of their paths, and in how many a record
// may offer. The log record has all of them whole.
const (
	maxExtra     = 32
	maxPath      = 256
	maxAdditions = 2 * maxExtra
)

// Extra are elements and attributes that the receiver does not know: dotted
// paths as spelled, and their text. Of a path that repeats, the last one stays.
type Extra []cdr.Attribute

// with returns the extra and what the record adds to it. It never changes the
// extra it is called on: the session may hold it.
func (e Extra) withRecord(record *cdr.Record) Extra {
	o := additions{extra: e, remaining: maxAdditions}
	for _, attribute := range record.Attributes {
		o.put("record.", attribute.Name, attribute.Value)
	}
	o.addNodes("", record.Nodes)
	return o.extra
}

// offered is what one record adds.
type additions struct {
	extra Extra
	// owned: extra is a copy that may be changed.
	owned     bool
	remaining int
}

// nodes goes through the tree below path.
func (o *additions) addNodes(path string, nodes []cdr.Node) {
	for i := 0; i < len(nodes) && o.remaining > 0; i += 1 + nodes[i].Size {
		node, below := &nodes[i], nodes[i+1:i+1+nodes[i].Size]
		if !node.Known && (node.Size == 0 || node.Text != "") {
			o.put(path, node.Name, node.Text)
		}
		if len(below) > 0 && len(path)+len(node.Name) < maxPath && slices.ContainsFunc(below, unknown) {
			o.addNodes(path+node.Name+".", below)
		}
	}
}

func unknown(node cdr.Node) bool { return !node.Known }

func (o *additions) put(path, name, text string) {
	if o.remaining--; o.remaining < 0 || len(path)+len(name) > maxPath {
		return
	}
	text = bounded(text)
	at := slices.IndexFunc(o.extra, func(has cdr.Attribute) bool {
		return len(has.Name) == len(path)+len(name) && strings.HasPrefix(has.Name, path) && strings.HasSuffix(has.Name, name)
	})
	switch {
	case at >= 0 && o.extra[at].Value == text, at < 0 && len(o.extra) == maxExtra:
		return
	case !o.owned:
		o.extra, o.owned = slices.Clone(o.extra), true
	}
	if at < 0 {
		o.extra = append(o.extra, cdr.Attribute{Name: strings.Clone(path + name)})
		at = len(o.extra) - 1
	}
	o.extra[at].Value = strings.Clone(text)
}
