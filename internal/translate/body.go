package translate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// textKey is the key for the text of an element that also has children. It is not a
// valid element name.
const textKey = "#text"

// alarmElement repeats so often that it is always a list.
const alarmElement = "alarm"

// writeBody writes the nodes of one level, and those below them, as a map.
func writeBody(nodes []cdr.Node, into pcommon.Map) {
	children := countChildren(nodes)
	into.EnsureCapacity(children)
	var places map[string]pcommon.Value
	if children > maxLinearSearch {
		places = make(map[string]pcommon.Value, children)
	}
	for i := 0; i < len(nodes); i += 1 + nodes[i].Size {
		node, below := &nodes[i], nodes[i+1:i+1+nodes[i].Size]
		first, repeats := findChild(into, places, node.Name)
		switch {
		case repeats && first.Type() == pcommon.ValueTypeSlice:
			writeValue(node, below, first.Slice().AppendEmpty())
		case repeats:
			once := pcommon.NewValueEmpty()
			first.CopyTo(once)
			list := first.SetEmptySlice()
			once.CopyTo(list.AppendEmpty())
			writeValue(node, below, list.AppendEmpty())
		default:
			value := into.PutEmpty(node.Name)
			if node.Name == alarmElement {
				writeValue(node, below, value.SetEmptySlice().AppendEmpty())
			} else {
				writeValue(node, below, value)
			}
			if places != nil {
				places[node.Name] = value
			}
		}
	}
}

// maxLinearSearch is the number of children that are searched linearly for a repeated
// name. Real elements have some twenty. More get an index, so that the cost of a
// hostile record is not quadratic.
const maxLinearSearch = 64

func findChild(in pcommon.Map, places map[string]pcommon.Value, name string) (pcommon.Value, bool) {
	if places == nil {
		return in.Get(name)
	}
	value, ok := places[name]
	return value, ok
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
