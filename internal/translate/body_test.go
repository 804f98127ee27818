package translate

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

func leaf(name, text string) cdr.Node { return cdr.Node{Name: name, Text: text} }

// TestBody checks each rule for turning a record's nodes into a map.
func TestBody(t *testing.T) {
	cases := map[string]struct {
		nodes []cdr.Node
		want  map[string]any
	}{
		"no nodes": {nil, map[string]any{}},
		"text, numbers and booleans": {
			[]cdr.Node{
				leaf("name", "7"),
				{Name: "durationSeconds", Text: "7", Type: cdr.Integer, Int: 7},
				{Name: "density", Text: "0.50", Type: cdr.Double, Double: 0.5},
				{Name: "canMove", Text: "true", Type: cdr.Boolean, Bool: true},
			},
			map[string]any{"name": "7", "durationSeconds": int64(7), "density": 0.5, "canMove": true},
		},
		"an empty element is empty text": {[]cdr.Node{leaf("ivr", "")}, map[string]any{"ivr": ""}},
		"a repeated element is a list": {
			[]cdr.Node{leaf("note", "a"), leaf("other", "x"), leaf("note", "b"), leaf("note", "c")},
			map[string]any{"note": []any{"a", "b", "c"}, "other": "x"},
		},
		"an attribute and a child with the same name": {
			[]cdr.Node{{Name: "type", Text: "a", Attribute: true}, leaf("type", "b")},
			map[string]any{"type": []any{"a", "b"}},
		},
		"one alarm is a list": {
			[]cdr.Node{{Name: "alarm", Known: true, Size: 1}, leaf("type", "packetLoss")},
			map[string]any{"alarm": []any{map[string]any{"type": "packetLoss"}}},
		},
		"one alarm without children is a list": {
			[]cdr.Node{leaf("alarm", "x")}, map[string]any{"alarm": []any{"x"}},
		},
		"an element with children and text": {
			[]cdr.Node{{Name: "outer", Text: "t", Size: 2}, {Name: "inner", Size: 1}, leaf("leaf", "x"), leaf("after", "y")},
			map[string]any{"outer": map[string]any{"inner": map[string]any{"leaf": "x"}, "#text": "t"}, "after": "y"},
		},
		"repeated elements with children": {
			[]cdr.Node{{Name: "m", Size: 1}, leaf("a", "1"), {Name: "m", Size: 1}, leaf("a", "2")},
			map[string]any{"m": []any{map[string]any{"a": "1"}, map[string]any{"a": "2"}}},
		},
	}
	require.Len(t, cases, 9)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := pcommon.NewMap()
			writeBody(c.nodes, m)
			require.Equal(t, c.want, m.AsRaw())
		})
	}
}

// TestManyChildren checks that the index for many children gives the same result as a
// linear search.
func TestManyChildren(t *testing.T) {
	var nodes []cdr.Node
	want := map[string]any{}
	for i := range 2 * maxLinearSearch {
		name := fmt.Sprint("n", i)
		nodes = append(nodes, leaf(name, "a"), leaf(name, "b"))
		want[name] = []any{"a", "b"}
	}
	m := pcommon.NewMap()
	writeBody(nodes, m)
	require.Equal(t, want, m.AsRaw())
	require.Equal(t, len(want), m.Len(), "a name must not be twice in the map")
}

// BenchmarkManyChildren reports the time per child for an element with 4,000 children, divided
// by the time per child for an element with 100. This ratio is about 1.4. It must not be much
// larger, because anyone can post such elements: if the time per child were proportional to
// the number of children, the ratio would be 40.
func BenchmarkManyChildren(b *testing.B) {
	element := func(children int) []cdr.Node {
		nodes := make([]cdr.Node, children)
		for i := range nodes {
			nodes[i] = leaf(fmt.Sprintf("n%04d", i), "")
		}
		return nodes
	}
	many, few := element(4000), element(100)
	var spent [2]time.Duration
	for b.Loop() {
		start := time.Now()
		writeBody(many, pcommon.NewMap())
		middle := time.Now()
		for range len(many) / len(few) {
			writeBody(few, pcommon.NewMap())
		}
		spent[0] += middle.Sub(start)
		spent[1] += time.Since(middle)
	}
	b.ReportMetric(float64(spent[0])/float64(spent[1]), "many/few")
}

// TestRepeatedNamesAreNotCopied checks that the memory for a body does not grow with its
// depth, if the name of each element is repeated beside it.
func TestRepeatedNamesAreNotCopied(t *testing.T) {
	allocated := func(name string) float64 {
		var nodes []cdr.Node
		for range 300 {
			nodes = append(nodes, leaf("b", ""))
		}
		for range 28 {
			nodes = append([]cdr.Node{{Name: "a", Size: len(nodes)}}, append(nodes, leaf(name, ""))...)
		}
		return testing.AllocsPerRun(10, func() { writeBody(nodes, pcommon.NewMap()) })
	}
	require.Less(t, allocated("a"), 2*allocated("c"))
}
