package correlate

import (
	"slices"
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// The elements and attributes that the receiver does not know are limited on a span:
// in number, in the length of their paths, and in how many a record may add. The log
// record has all of them.
const (
	maxExtra     = 32
	maxPath      = 256
	maxAdditions = 2 * maxExtra
)

// Extra holds elements and attributes that the receiver does not know, by dotted
// paths as spelled. The last value of a repeated path is kept.
type Extra []cdr.Attribute

// withRecord returns the extra with what the record adds. It does not change its
// receiver, which the session may hold.
func (e Extra) withRecord(record *cdr.Record) Extra {
	o := additions{extra: e, remaining: maxAdditions}
	for _, attribute := range record.Attributes {
		o.put("record.", attribute.Name, attribute.Value)
	}
	o.addNodes("", record.Nodes)
	return o.extra
}

// additions collects what one record adds.
type additions struct {
	extra Extra
	// owned is set when extra is a copy that may be changed.
	owned     bool
	remaining int
}

// addNodes adds the unknown nodes of the tree below path.
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
