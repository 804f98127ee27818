package cdr

import (
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// seeds returns documents of all kinds, well-formed and malformed.
func seeds(tb testing.TB) (all []string) {
	files, err := filepath.Glob("testdata/guide_example/*.xml")
	require.NoError(tb, err)
	require.NotEmpty(tb, files)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(tb, err)
		all = append(all, string(body))
	}
	for _, s := range samples {
		all = append(all, documentOf(`<record type="`+s.name+`"`+timeAndIndex+">"+s.inside+"</record>"))
	}
	require.NotEmpty(tb, scanCases)
	for _, c := range scanCases {
		if len(c.body) < 2000 {
			all = append(all, c.body, documentOf(c.body), documentOf(callEndRecord(1, c.body)+callEndRecord(2, "")))
		}
	}
	require.NotEmpty(tb, hostileBodies)
	for _, h := range hostileBodies {
		if body := h.body(100); len(body) < 2000 {
			all = append(all, body)
		}
	}
	return all
}

// FuzzDecode checks that parsing terminates and that its cost is limited. All elements
// below the root, and all text except white space, must be in a record or a malformed
// part. The records must be equal after they are written and parsed again.
func FuzzDecode(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(checkDecode)
}

func checkDecode(t *testing.T, body string) {
	d, err := Open(body)
	if err != nil {
		require.Nil(t, d)
		require.Less(t, len(err.Error()), 1000)
		return
	}
	open, from := "<records>", d.scan.pos
	if d.scan.selfClosed {
		open = "<records/>"
	}
	for r, m := range d.Records() {
		require.NotEqual(t, r == nil, m == nil)
		var piece string
		var size int
		if r != nil {
			piece, size = r.Raw, len(r.Raw)
			// After the last comparison with maxNodes, a text of the record's element and one of the record can follow.
			require.LessOrEqual(t, len(r.Nodes), maxNodes+2)
			requireValidSizes(t, r.Nodes)
		} else {
			piece, size = m.Bytes, m.Size // Bytes is truncated to MaxRecord
			require.Less(t, len(m.Err.Error()), 1000)
		}
		if piece != "" {
			start := offset(body, piece)
			requireNoItems(t, open+body[from:start])
			from = start + size
		}
	}
	require.LessOrEqual(t, d.scan.scanned, 8*len(body)+100)
	requireNoItems(t, open+body[from:])
	requireStable(t, body)
}

// offset returns where a part begins in the body whose memory it shares.
func offset(body, part string) int {
	return int(uintptr(unsafe.Pointer(unsafe.StringData(part))) - uintptr(unsafe.Pointer(unsafe.StringData(body))))
}

// requireNoItems checks that a document, possibly without its end, has no record and no
// malformed part.
func requireNoItems(t *testing.T, body string) {
	t.Helper()
	s := new(scanner)
	s.init(body)
	for {
		switch s.next() {
		case startTag:
			require.Equal(t, 1, s.depth, "%q", body)
		case characters:
			require.True(t, blank(s.text), "%q", body)
		case endOfBody:
			return
		case failed:
			require.Equal(t, unclosedElement, s.err.Problem, "%q", body)
			return
		}
	}
}

// requireValidSizes checks that the descendants of each node are also descendants of the
// node's parent, and that attributes have none.
func requireValidSizes(t *testing.T, nodes []Node) {
	t.Helper()
	for i := 0; i < len(nodes); i += 1 + nodes[i].Size {
		require.LessOrEqual(t, i+nodes[i].Size, len(nodes)-1)
		requireValidSizes(t, nodes[i+1:i+1+nodes[i].Size])
		if nodes[i].Attribute {
			require.Zero(t, nodes[i].Size)
		}
	}
}

// TestSplicedDocuments runs the checks of FuzzDecode and FuzzScannerAgainstEncodingXML on
// documents that are assembled from parts of the seeds, the same ones in every run.
func TestSplicedDocuments(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	all := seeds(t)
	part := func() string {
		s := all[random.IntN(len(all))]
		from := random.IntN(len(s) + 1)
		to := from + random.IntN(len(s)+1-from)
		switch random.IntN(3) {
		case 0:
			return s[:to]
		case 1:
			return s[from:]
		}
		return s[from:min(to, from+20)]
	}
	for range spliceRuns {
		body := part() + part() + part()
		checkDecode(t, body)
		checkDecode(t, documentOf(callEndRecord(1, part())+part()+callEndRecord(2, "")))
		checkScanner(t, body)
		checkScanner(t, documentOf(part()))
	}
}

// spliceRuns is the number of iterations of a test with assembled documents. Each
// iteration assembles two or three.
const spliceRuns = 200

// stricter lists what encoding/xml accepts and the scanner rejects. The keys are the
// problems that the scanner reports.
var stricter = map[string]string{
	outsideRoot:    "text, and CDATA sections, before and after the root",
	secondRoot:     "any number of roots",
	noRoot:         "no root",
	directive:      "document types and other declarations, but not references to entities that they declare",
	repeated:       "an attribute twice",
	badAttribute:   "attributes without white space between them, names with characters that are not letters, digits or marks in Unicode",
	badDeclaration: "declarations with other attributes, values or order, without attributes, or with attributes that are not quoted",
	badInstruction: "declarations after the beginning, instructions with the name XML, other characters than white space after a name",
	badName:        "names that begin with characters that are not letters in Unicode",
	badReference:   "surrogates by number, and more than ten decimal or nine hexadecimal digits",
	tooDeep:        "any depth",
	manyAttributes: "any number of attributes",
}

// FuzzScannerAgainstEncodingXML checks that encoding/xml accepts every document that
// the scanner accepts, with the same elements, attributes and texts after invalid
// characters are replaced. The only exception is documents with non-ASCII names:
// encoding/xml rejects some letters, such as µ and those that Unicode added after 1998. A
// document that only encoding/xml accepts is rejected for a problem in stricter.
func FuzzScannerAgainstEncodingXML(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(checkScanner)
}

func checkScanner(t *testing.T, body string) {
	got, s := tokens(body)
	want, err := encodingXMLTokens(strings.TrimPrefix(replaced(body), byteOrderMark))
	switch {
	case s.err.Problem == "" && err == nil:
		require.Equal(t, want, got)
	case s.err.Problem == "":
		require.True(t, hasNonASCIINames(body), "%v", err)
	case err == nil:
		require.Contains(t, stricter, s.err.Problem)
	}
}

// replaced returns the body with its invalid characters replaced.
func replaced(body string) string {
	var b strings.Builder
	for body != "" {
		size, ok := character(body)
		if ok {
			b.WriteString(body[:size])
		} else {
			b.WriteRune(utf8.RuneError)
		}
		body = body[size:]
	}
	return b.String()
}

func hasNonASCIINames(body string) bool {
	s := new(scanner)
	s.init(body)
	for t := s.next(); t != endOfBody && t != failed; t = s.next() {
		names := s.name
		for _, a := range s.attributes {
			names += a.Name
		}
		if strings.ContainsFunc(names, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return true
		}
	}
	return false
}

// encodingXMLTokens returns the tokens of encoding/xml in the format of tokens. It parses
// twice: Token checks that the document is well-formed, but only RawToken returns names
// with their prefixes.
func encodingXMLTokens(body string) (string, error) {
	for d := xml.NewDecoder(strings.NewReader(body)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			return "", err
		}
	}
	var line, text strings.Builder
	depth := 0
	for d := xml.NewDecoder(strings.NewReader(body)); ; {
		token, err := d.RawToken()
		if data, ok := token.(xml.CharData); ok {
			if depth > 0 {
				text.Write(data)
			}
			continue
		}
		start, isStart := token.(xml.StartElement)
		end, isEnd := token.(xml.EndElement)
		if text.Len() > 0 && (isStart || isEnd) {
			fmt.Fprintf(&line, "%q", text.String())
			text.Reset()
		}
		switch {
		case err == io.EOF:
			return line.String(), nil
		case err != nil:
			return "", err
		case isStart:
			depth++
			line.WriteString("<" + prefixed(start.Name))
			for _, a := range start.Attr {
				fmt.Fprintf(&line, " %s=%q", prefixed(a.Name), a.Value)
			}
			line.WriteString(">")
		case isEnd:
			depth--
			line.WriteString("</" + prefixed(end.Name) + ">")
		}
	}
}

func prefixed(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}
