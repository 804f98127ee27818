package translate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// textKey is the key for the text of an element that also has children. It is not a
// valid element name.
const textKey = "#text"

// alarmElement is the name of the element that becomes a list even if it does not
// repeat, because a leg often has several alarms.
const alarmElement = "alarm"

// writeBody writes the nodes of one level and their descendants as a map. An element that
// repeats becomes a list.
func writeBody(nodes []cdr.Node, into pcommon.Map) {
	children := countChildren(nodes)
	into.EnsureCapacity(children)
	var byName map[string]pcommon.Value
	if children > maxLinearSearch {
		byName = make(map[string]pcommon.Value, children)
	}
	for i := 0; i < len(nodes); i += 1 + nodes[i].Size {
		node, below := &nodes[i], nodes[i+1:i+1+nodes[i].Size]
		value, repeats := childOf(into, byName, node.Name)
		switch {
		case repeats && value.Type() == pcommon.ValueTypeSlice:
			writeValue(node, below, value.Slice().AppendEmpty())
		case repeats:
			first := pcommon.NewValueEmpty()
			value.CopyTo(first)
			list := value.SetEmptySlice()
			first.CopyTo(list.AppendEmpty())
			writeValue(node, below, list.AppendEmpty())
		case node.Name == alarmElement:
			writeValue(node, below, value.SetEmptySlice().AppendEmpty())
		default:
			writeValue(node, below, value)
		}
	}
}

// maxLinearSearch is the number of children that are searched linearly for a repeated
// name. Real elements have about twenty. More are found by an index, so that the cost of
// a hostile record is not quadratic.
const maxLinearSearch = 64

// childOf returns the value of a name, and whether it existed before. byName is the
// index, or nil to search linearly.
func childOf(in pcommon.Map, byName map[string]pcommon.Value, name string) (pcommon.Value, bool) {
	if byName == nil {
		return in.GetOrPutEmpty(name)
	}
	value, repeats := byName[name]
	if !repeats {
		value = in.PutEmpty(name)
		byName[name] = value
	}
	return value, repeats
}

// maxBodySize is an upper bound of the size of the nodes in bytes, encoded as
// protobuf.
func maxBodySize(nodes []cdr.Node) (n int) {
	const overhead = 48 // the tags and the lengths of a key, a value, their pair, and a map and a list around it
	for i := range nodes {
		n += len(nodes[i].Name) + len(nodes[i].Text) + overhead
	}
	return n
}

func countChildren(nodes []cdr.Node) (n int) {
	for i := 0; i < len(nodes); i += 1 + nodes[i].Size {
		n++
	}
	return n
}

func writeValue(node *cdr.Node, below []cdr.Node, value pcommon.Value) {
	if len(below) > 0 {
		inner := value.SetEmptyMap()
		writeBody(below, inner)
		if node.Text != "" {
			inner.PutStr(textKey, node.Text)
		}
		return
	}
	switch node.Type {
	case cdr.Boolean:
		value.SetBool(node.Bool)
	case cdr.Integer:
		value.SetInt(node.Int)
	case cdr.Double:
		value.SetDouble(node.Double)
	default:
		value.SetStr(node.Text)
	}
}
