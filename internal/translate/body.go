package translate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// textKey is the key for the text of an element that also has children or attributes. It
// is not a valid element name.
const textKey = "#text"

// alarmElement is the name of the element that becomes a list even if it does not
// repeat, because a leg often has several alarms.
const alarmElement = "alarm"

// writeBody writes the nodes of one level and their descendants as a map. The values of a
// name that repeats, among elements and attributes, become a list.
func writeBody(nodes []cdr.Node, into pcommon.Map) {
	children := countChildren(nodes)
	if children > maxLinearSearch {
		indexed := newIndexedMap(children)
		writeChildren(nodes, indexed)
		indexed.builder.UnsafeIntoMap(into)
		return
	}
	into.EnsureCapacity(children)
	writeChildren(nodes, into)
}

// nameMap is a Map or an indexedMap. GetOrPutEmpty returns the value of a name, which it
// creates if necessary, and whether it existed before. nameMap is the constraint of a type
// parameter, because an interface value would be an allocation.
type nameMap interface {
	GetOrPutEmpty(name string) (pcommon.Value, bool)
}

// writeChildren writes the nodes of one level and their descendants.
func writeChildren[M nameMap](nodes []cdr.Node, into M) {
	for i := 0; i < len(nodes); i += 1 + nodes[i].Size {
		node, below := &nodes[i], nodes[i+1:i+1+nodes[i].Size]
		value, repeats := into.GetOrPutEmpty(node.Name)
		switch {
		case repeats && value.Type() == pcommon.ValueTypeSlice:
			writeValue(node, below, value.Slice().AppendEmpty())
		case repeats:
			first := pcommon.NewValueEmpty()
			value.MoveTo(first) // a copy would cost the depth times the size of the record
			list := value.SetEmptySlice()
			first.MoveTo(list.AppendEmpty())
			writeValue(node, below, list.AppendEmpty())
		case node.Name == alarmElement:
			writeValue(node, below, value.SetEmptySlice().AppendEmpty())
		default:
			writeValue(node, below, value)
		}
	}
}

// maxLinearSearch is the number of children up to which a Map is searched for each name.
// Real elements have about twenty. For more an indexedMap is used, because the cost of a
// hostile record would be quadratic.
const maxLinearSearch = 64

// maxBodySize is an upper bound of the size of the nodes in bytes, encoded as
// protobuf.
func maxBodySize(nodes []cdr.Node) (n int) {
	const overhead = 48 // the tags and the lengths of a key, a value, their pair, and a map and a list around it; and a pair with textKey
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
