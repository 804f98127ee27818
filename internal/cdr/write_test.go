package cdr

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// snapshot is a copy of a record without what depends on its formatting.
type snapshot struct {
	Record
	body string
}

func takeSnapshot(r *Record) snapshot {
	s := snapshot{Record: *r, body: fmt.Sprintf("%T%+v", r.Body, r.Body)}
	s.Nodes, s.Attributes = slices.Clone(r.Nodes), slices.Clone(r.Attributes)
	s.Body, s.Raw = nil, ""
	if len(s.Nodes) == 0 {
		s.Nodes = nil
	}
	if len(s.Attributes) == 0 {
		s.Attributes = nil
	}
	return s
}

// snapshots returns the records of a document.
func snapshots(d *Document) (all []snapshot) {
	for r := range d.Records() {
		if r != nil {
			all = append(all, takeSnapshot(r))
		}
	}
	return all
}

var toXML = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#13;")

// writeDocument formats parsed records as a document.
func writeDocument(d *Document, records []snapshot) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<records session="%s" callBridge="%s"`, toXML.Replace(d.Session), toXML.Replace(d.CallBridge))
	writeAttributes(&b, d.Attributes)
	b.WriteString(">")
	for _, r := range records {
		fmt.Fprintf(&b, `<record type="%s" time="%s" correlatorIndex="%d"`,
			toXML.Replace(r.Type), r.Time.Format(time.RFC3339Nano), r.CorrelatorIndex)
		if r.Index.Present {
			fmt.Fprintf(&b, ` recordIndex="%d"`, r.Index.Value)
		}
		if r.PrecedingMissing.Present {
			name := "numPreceedingRecordsMissing"
			if slices.ContainsFunc(r.Attributes, func(a Attribute) bool { return a.Name == name }) {
				name = "numPrecedingRecordsMissing"
			}
			fmt.Fprintf(&b, ` %s="%d"`, name, r.PrecedingMissing.Value)
		}
		writeAttributes(&b, r.Attributes)
		b.WriteString(">")
		if r.Element != "" {
			writeElement(&b, r.Element, "", r.Nodes[:r.inside])
		}
		writeNodes(&b, r.Nodes[r.inside:])
		b.WriteString("</record>\n")
	}
	b.WriteString("</records>")
	return b.String()
}

func writeAttributes(b *strings.Builder, attributes []Attribute) {
	for _, a := range attributes {
		fmt.Fprintf(b, ` %s="%s"`, a.Name, toXML.Replace(a.Value))
	}
}

func writeElement(b *strings.Builder, name, text string, below []Node) {
	b.WriteString("<" + name)
	for len(below) > 0 && below[0].Attribute {
		fmt.Fprintf(b, ` %s="%s"`, below[0].Name, toXML.Replace(below[0].Text))
		below = below[1:]
	}
	b.WriteString(">" + toXML.Replace(text))
	writeNodes(b, below)
	b.WriteString("</" + name + ">")
}

func writeNodes(b *strings.Builder, nodes []Node) {
	for i := 0; i < len(nodes); i += 1 + nodes[i].Size {
		n := nodes[i]
		if n.Name == textNode {
			b.WriteString(toXML.Replace(n.Text))
		} else {
			writeElement(b, n.Name, n.Text, nodes[i+1:i+1+n.Size])
		}
	}
}

// requireStable checks that parsed records can be written and parsed again.
func requireStable(t *testing.T, body string) {
	t.Helper()
	first, err := Open(body)
	require.NoError(t, err)
	want := snapshots(first)
	for _, r := range want {
		if y := r.Time.Year(); y < 0 || y > 9999 {
			return // only another zone could write it
		}
	}
	written := writeDocument(first, want)
	second, err := Open(written)
	require.NoError(t, err, "%q", written)
	require.Equal(t, want, snapshots(second), "%q", written)
	require.Equal(t, first.Session, second.Session)
	require.Equal(t, first.CallBridge, second.CallBridge)
	require.Equal(t, first.Attributes, second.Attributes)
}

func TestWrittenAgain(t *testing.T) { requireStable(t, sample(50)) }
