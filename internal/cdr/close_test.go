package cdr

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClose checks that a closed document keeps only the memory of at most keptNodes
// nodes and of the record bodies, all of them zero. It keeps no reference to the text of
// the document, and no state that the next document could see.
func TestClose(t *testing.T) {
	for name, body := range map[string]string{
		"good":       sample(100),
		"bad":        documentOf(callEndRecord(1, "<a>x</a>") + badRecord),
		"many nodes": documentOf(callEndRecord(1, strings.Repeat("<a>x</a>", 3*keptNodes))),
		"truncated":  strings.TrimSuffix(sample(2), "</records>"),
		"all fields": documentOfAllFields(),
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Open(body)
			require.NoError(t, err)
			items(d, -1)
			d.Close()
			require.LessOrEqual(t, cap(d.tree.nodes), keptNodes)
			for _, node := range d.tree.nodes[:cap(d.tree.nodes)] {
				require.Zero(t, node)
			}
			for _, body := range reflect.ValueOf(d.bodies).Fields() {
				require.True(t, body.IsNil() || body.Elem().IsZero())
			}
			d.tree.nodes, d.bodies = nil, bodies{}
			require.Zero(t, *d)
		})
	}
}

// documentOfAllFields returns a document with a record of each type, which has all fields
// of its type.
func documentOfAllFields() string {
	var records strings.Builder
	for _, kind := range recordTypeCases {
		var inside strings.Builder
		for _, f := range kind.fields {
			_, xml := fieldXML(strings.Split(spellings(f.wire)[0], "/"), f, false)
			inside.WriteString(xml)
		}
		records.WriteString(recordOfType(kind.name, kind.element, "", inside.String()))
	}
	return documentOf(records.String())
}
