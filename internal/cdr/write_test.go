package cdr

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// recordCopy is a copy of a record without the parts that depend on its formatting.
type recordCopy struct {
	Record
	body string
}

func copyRecord(r *Record) recordCopy {
	s := recordCopy{Record: *r, body: fmt.Sprintf("%T%+v", r.Body, r.Body)}
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

// copyRecords returns copies of the records of a document.
func copyRecords(d *Document) (all []recordCopy) {
	for r := range d.Records() {
		if r != nil {
			all = append(all, copyRecord(r))
		}
	}
	return all
}

var escapeXML = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#13;")

// writeDocument formats parsed records as a document.
func writeDocument(d *Document, records []recordCopy) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<records session="%s" callBridge="%s"`, escapeXML.Replace(d.Session), escapeXML.Replace(d.CallBridge))
	writeAttributes(&b, d.Attributes)
	b.WriteString(">")
	for _, r := range records {
		fmt.Fprintf(&b, `<record type="%s" time="%s" correlatorIndex="%d"`,
			escapeXML.Replace(r.Type), r.Time.Format(time.RFC3339Nano), r.CorrelatorIndex)
		if r.RecordIndex.Present {
			fmt.Fprintf(&b, ` recordIndex="%d"`, r.RecordIndex.Value)
		}
		if r.PrecedingMissing.Present {
			name := "numPreceedingRecordsMissing"
			// If this spelling had a value that cannot be parsed, it is in Attributes already.
			if slices.ContainsFunc(r.Attributes, func(a Attribute) bool { return a.Name == name }) {
				name = "numPrecedingRecordsMissing"
			}
			fmt.Fprintf(&b, ` %s="%d"`, name, r.PrecedingMissing.Value)
		}
		writeAttributes(&b, r.Attributes)
		b.WriteString(">")
		if r.Element != "" {
			writeElement(&b, r.Element, "", r.Nodes[:r.elementNodes])
		}
		writeNodes(&b, r.Nodes[r.elementNodes:])
		b.WriteString("</record>\n")
	}
	b.WriteString("</records>")
	return b.String()
}

func writeAttributes(b *strings.Builder, attributes []Attribute) {
	for _, a := range attributes {
		fmt.Fprintf(b, ` %s="%s"`, a.Name, escapeXML.Replace(a.Value))
	}
}

func writeElement(b *strings.Builder, name, text string, below []Node) {
	b.WriteString("<" + name)
	for len(below) > 0 && below[0].Attribute {
		fmt.Fprintf(b, ` %s="%s"`, below[0].Name, escapeXML.Replace(below[0].Text))
		below = below[1:]
	}
	b.WriteString(">" + escapeXML.Replace(text))
	writeNodes(b, below)
	b.WriteString("</" + name + ">")
}

func writeNodes(b *strings.Builder, nodes []Node) {
	for i := 0; i < len(nodes); i += 1 + nodes[i].Size {
		n := nodes[i]
		if n.Name == textNode {
			b.WriteString(escapeXML.Replace(n.Text))
		} else {
			writeElement(b, n.Name, n.Text, nodes[i+1:i+1+n.Size])
		}
	}
}

// requireStable checks that parsed records are equal after they are written and parsed
// again.
func requireStable(t *testing.T, body string) {
	t.Helper()
	first, err := Open(body)
	require.NoError(t, err)
	want := copyRecords(first)
	written := writeDocument(first, want)
	second, err := Open(written)
	require.NoError(t, err, "%q", written)
	require.Equal(t, want, copyRecords(second), "%q", written)
	require.Equal(t, first.Session, second.Session)
	require.Equal(t, first.CallBridge, second.CallBridge)
	require.Equal(t, first.Attributes, second.Attributes)
}

func TestParsedRecordsAreStable(t *testing.T) { requireStable(t, sample(50)) }
