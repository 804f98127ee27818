package cdr

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// outline returns a line for each item of a document: the correlatorIndex of a
// record, or the quoted bytes of a malformed part.
func outline(t *testing.T, body string) []string {
	t.Helper()
	d, err := Open(body)
	require.NoError(t, err)
	lines := []string{}
	for r, m := range d.Records() {
		if m == nil {
			require.True(t, strings.HasPrefix(r.Raw, "<record"), r.Raw)
			lines = append(lines, fmt.Sprint(r.CorrelatorIndex))
			continue
		}
		require.Nil(t, r)
		require.Error(t, m.Err)
		require.Contains(t, body, m.Bytes)
		lines = append(lines, fmt.Sprintf("%q", m.Bytes))
	}
	return lines
}

// callEndRecord returns a record with the given index and the given content of its element. The
// record is well-formed if the content is.
func callEndRecord(index int, inside string) string {
	return fmt.Sprintf(`<record type="callEnd" time="2024-03-05T09:00:00Z" correlatorIndex="%d">`+
		`<call id="b0a4ea2c-1d2e-4f30-9a4b-5c6d7e8f9a0b">%s</call></record>`, index, inside)
}

// badRecord is a record that is not well-formed.
const badRecord = `<record type="callEnd"><call></record>`

// TestMalformedParts checks where malformed parts begin and end.
func TestMalformedParts(t *testing.T) {
	cases := []struct {
		name, inside string
		want         []string
	}{
		{"no malformed part", callEndRecord(1, "") + "\n" + callEndRecord(2, "") + "\n", []string{"1", "2"}},
		{"no records", "\n", []string{}},
		{"comments between records", "<!-- a -->" + callEndRecord(1, "") + "<?b?>" + callEndRecord(2, ""), []string{"1", "2"}},
		{"first record bad", badRecord + callEndRecord(2, ""), []string{q(badRecord), "2"}},
		{"middle record bad", callEndRecord(1, "") + badRecord + "\n" + callEndRecord(3, ""), []string{"1", q(badRecord + "\n"), "3"}},
		{"last record bad", callEndRecord(1, "") + badRecord, []string{"1", q(badRecord)}},
		{"two bad records are one part", badRecord + "\n" + badRecord + callEndRecord(3, ""), []string{q(badRecord + "\n" + badRecord), "3"}},
		{"text and a bad record are one part", "x" + badRecord + "y" + callEndRecord(3, ""), []string{q("x" + badRecord + "y"), "3"}},
		{"bad, good, bad", badRecord + callEndRecord(2, "") + badRecord, []string{q(badRecord), "2", q(badRecord)}},
		{
			"closed with a start tag", callEndRecord(1, "") + strings.Replace(callEndRecord(2, ""), "</record>", "<record>", 1) + "\n" + callEndRecord(3, ""),
			[]string{"1", q(strings.Replace(callEndRecord(2, ""), "</record>", "<record>", 1) + "\n"), "3"},
		},
		{
			"not closed", strings.TrimSuffix(callEndRecord(1, ""), "</record>") + callEndRecord(2, ""),
			[]string{q(strings.TrimSuffix(callEndRecord(1, ""), "</record>")), "2"},
		},
		{"quote not closed", `<record type="callEnd time="x">` + callEndRecord(2, ""), []string{q(`<record type="callEnd time="x">`), "2"}},
		{"quote not closed before the next record", `<record type="x>` + callEndRecord(2, ""), []string{q(`<record type="x>`), "2"}},
		{"typographic quotes", `<record type=“callEnd”></record>` + callEndRecord(2, ""), []string{q(`<record type=“callEnd”></record>`), "2"}},
		{"comment not closed", `<record><!-- ` + callEndRecord(2, ""), []string{q(`<record><!-- `), "2"}},
		{"CDATA not closed", `<record><![CDATA[ ` + callEndRecord(2, ""), []string{q(`<record><![CDATA[ `), "2"}},
		{"comment closed in a later record", `<record><call><!-- ` + callEndRecord(2, "<!-- -->"), []string{q(`<record><call><!-- `), "2"}},
		{"bare &", callEndRecord(1, "<name>Fish & chips</name>") + callEndRecord(2, ""), []string{q(callEndRecord(1, "<name>Fish & chips</name>")), "2"}},
		{"record in CDATA", callEndRecord(1, "<name><![CDATA["+callEndRecord(9, "")+"]]></name>") + callEndRecord(2, ""), []string{"1", "2"}},
		{"record in a comment", callEndRecord(1, "<!-- "+callEndRecord(9, "")+" -->") + callEndRecord(2, ""), []string{"1", "2"}},
		{"end of the document in a comment", callEndRecord(1, "<!-- </records> -->") + callEndRecord(2, ""), []string{"1", "2"}},
		{"record in an attribute", callEndRecord(1, `<name x="&lt;record type='a'>"/>`) + callEndRecord(2, ""), []string{"1", "2"}},
		{"record in a comment between records", "<!-- " + callEndRecord(9, "") + " -->" + callEndRecord(2, ""), []string{"2"}},
		{"record in a record", callEndRecord(1, callEndRecord(2, "")), []string{q(callEndRecord(1, "")[:strings.Index(callEndRecord(1, ""), "</call>")]), "2", q("</call></record>")}},
		{"unknown element", "<summary><record-like/>x</summary>" + callEndRecord(2, ""), []string{q("<summary><record-like/>x</summary>"), "2"}},
		{
			"record in a comment in an unknown element", "<summary><!-- " + callEndRecord(9, "") + " --></summary>" + callEndRecord(2, ""),
			[]string{q("<summary><!-- " + callEndRecord(9, "") + " --></summary>"), "2"},
		},
		{"record in an unknown element", "<summary>" + callEndRecord(2, "") + "</summary>", []string{q("<summary>"), "2", q("</summary>")}},
		{"longer name than record", "<records2/>" + callEndRecord(2, ""), []string{q("<records2/>"), "2"}},
		{"stray text", "x\n" + callEndRecord(2, "") + "\ny\n", []string{q("x\n"), "2", q("y\n")}},
		{"stray CDATA", "<![CDATA[x]]>" + callEndRecord(2, ""), []string{q("<![CDATA[x]]>"), "2"}},
		{"stray reference", "&x;" + callEndRecord(2, ""), []string{q("&x;"), "2"}},
		{"stray <", "<" + callEndRecord(2, ""), []string{q("<"), "2"}},
		{"comment before a stray reference", callEndRecord(1, "") + "<!-- a -->&x;" + callEndRecord(2, ""), []string{"1", q("&x;"), "2"}},
		{"comment after stray text", callEndRecord(1, "") + "x<!-- a -->", []string{"1", q("x<!-- a -->")}},
		{
			// Record 1 is scanned twice, because the part before it ends there. resume must still move back into the comment.
			"record in a closed comment of a bad record", "x" + callEndRecord(1, strings.Repeat("<a/>", 99)) + "<record><a><!-- " + callEndRecord(2, "x-->"),
			[]string{q("x"), "1", q("<record><a><!-- "), "2"},
		},
		{"stray end tag", "</record>" + callEndRecord(2, ""), []string{q("</record>"), "2"}},
		{"too many nodes", callEndRecord(1, strings.Repeat("<a/>", maxNodes)) + callEndRecord(2, ""), []string{q(callEndRecord(1, strings.Repeat("<a/>", maxNodes))), "2"}},
		{"as many nodes as allowed", callEndRecord(1, strings.Repeat("<a/>", maxNodes-1)), []string{"1"}},
		{
			"too many attributes of elements", callEndRecord(1, strings.Repeat(`<a b=""/>`, maxNodes/2)) + callEndRecord(2, ""),
			[]string{q(callEndRecord(1, strings.Repeat(`<a b=""/>`, maxNodes/2))), "2"},
		},
		{
			"too many nodes in an unknown element", "<x>" + strings.Repeat("<a/>", maxNodes+2) + "</x>" + callEndRecord(2, ""),
			[]string{q("<x>" + strings.Repeat("<a/>", maxNodes+2) + "</x>"), "2"},
		},
		{"nested too deep", callEndRecord(1, nested(30)) + callEndRecord(2, ""), []string{q(callEndRecord(1, nested(30))), "2"}},
		{"nested as deep as allowed", callEndRecord(1, nested(29)) + callEndRecord(2, ""), []string{"1", "2"}},
	}
	require.Equal(t, 42, len(cases))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, outline(t, "<records session='s'>"+c.inside+"</records>\n"))
		})
	}
}

func q(s string) string { return fmt.Sprintf("%q", s) }

// TestEndOfDocument checks documents without an end and with content after it.
func TestEndOfDocument(t *testing.T) {
	cases := []struct {
		name, body string
		want       []string
	}{
		{"empty root", `<records session="x"/>`, []string{}},
		{"text after an empty root", `<records session="x"/>junk`, []string{q("junk")}},
		{"comments after the root", `<records></records><!-- --><?x?>` + "\n", []string{}},
		{"no end", `<records>` + callEndRecord(1, "") + "\n", []string{"1", q("")}},
		{"no end after a bad record", `<records>` + badRecord, []string{q(badRecord)}},
		{"truncated in the end tag", `<records>` + callEndRecord(1, "") + "</records", []string{"1", q("</records")}},
		{"truncated in a tag after a bad record", `<records>` + badRecord + "<record", []string{q(badRecord + "<record")}},
		{"no end after a comment", `<records>` + callEndRecord(1, "") + "<!-- -->", []string{"1", q("")}},
		{"truncated in a record", `<records>` + callEndRecord(1, "") + callEndRecord(2, "")[:90], []string{"1", q(callEndRecord(2, "")[:90])}},
		{"truncated after <", `<records>` + callEndRecord(1, "") + "<", []string{"1", q("<")}},
		{"text after the root", `<records>` + callEndRecord(1, "") + "</records>\nx", []string{"1", q("\nx")}},
		{"second root", `<records/><records>` + callEndRecord(1, "") + "</records>", []string{q(`<records>` + callEndRecord(1, "") + "</records>")}},
		{"end tag of a record", `<records>` + callEndRecord(1, "") + "</record></records>", []string{"1", q("</record>")}},
	}
	require.Equal(t, 13, len(cases))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, outline(t, c.body)) })
	}
}

func TestOpen(t *testing.T) {
	d, err := Open("\ufeff<?xml version=\"1.0\"?>\n<!-- x -->\n<records callBridge='{6A0C3C1E7D3B4B1A8F570D9C8B7A6F5E}' " +
		"session=' 2F1B8F4E-0C1D-4A53-9D0E-5B6A7C8D9E0F' version='3.9\x01'></records>")
	require.NoError(t, err)
	assert.Equal(t, "2f1b8f4e-0c1d-4a53-9d0e-5b6a7c8d9e0f", d.Session)
	assert.Equal(t, "6a0c3c1e-7d3b-4b1a-8f57-0d9c8b7a6f5e", d.CallBridge)
	assert.Equal(t, []Attribute{{"version", "3.9\ufffd"}}, d.Attributes)
	assert.Equal(t, 1, d.Replaced)

	d, err = Open("<records/>")
	require.NoError(t, err)
	assert.Empty(t, d.Session+d.CallBridge)
}

func TestOpenRejects(t *testing.T) {
	for body, want := range map[string]string{
		"":                                     `cdr: byte 0: no root element`,
		"hello":                                `cdr: byte 0: text outside the root element at "hello"`,
		"<html><body/></html>":                 `cdr: byte 0: the root is "html", not "records"`,
		"<Records/>":                           `cdr: byte 0: the root is "Records", not "records"`,
		"<!DOCTYPE records><records/>":         `cdr: byte 0: a document type or other declaration at "<!DOCTYPE records><records/>"`,
		"<?xml version='1.0' encoding='x'?><a": `cdr: byte 0: an XML declaration other than version 1.0 in UTF-8 at "<?xml version='1.0' encoding='x'?><a"`,
		"<records session=x>":                  `cdr: byte 9: an attribute without =, without quotes, or without white space before it at "session=x>"`,
		"<records session='1'":                 `cdr: byte 20: a tag is not closed`,
	} {
		d, err := Open(body)
		assert.Nil(t, d)
		assert.EqualError(t, err, want)
	}
	var root *RootError
	_, err := Open("<" + strings.Repeat("x", 100) + "/>")
	require.ErrorAs(t, err, &root)
	assert.EqualError(t, err, `cdr: byte 0: the root is "`+strings.Repeat("x", 40)+`"…, not "records"`)
}

// TestErrorMessages checks the errors of malformed parts and their positions.
func TestErrorMessages(t *testing.T) {
	recordWith := func(attributes string) string {
		return "<record " + attributes + `><call id="1"/></record>`
	}
	cases := []struct{ inside, want string }{
		{recordWith(`time="2024-03-05T09:00:00Z" correlatorIndex="0"`), `cdr: record 2, byte 148: no type`},
		{recordWith(`type="" time="2024-03-05T09:00:00Z" correlatorIndex="0"`), `cdr: record 2, byte 148: no type`},
		{recordWith(`type="callEnd" correlatorIndex="0"`), `cdr: record 2, byte 148: no time`},
		{recordWith(`type="callEnd" time="yesterday" correlatorIndex="0"`), `cdr: record 2, byte 148: time is "yesterday"`},
		{recordWith(`type="callEnd" time="2024-13-05T09:00:00Z" correlatorIndex="0"`), `cdr: record 2, byte 148: time is "2024-13-05T09:00:00Z"`},
		{recordWith(`type="callEnd" time="2024-03-05T09:00:00Z"`), `cdr: record 2, byte 148: no correlatorIndex`},
		{recordWith(`type="callEnd" time="2024-03-05T09:00:00Z" correlatorIndex="-1"`), `cdr: record 2, byte 148: correlatorIndex is "-1"`},
		{
			recordWith(`type="callEnd" time="2024-03-05T09:00:00Z" correlatorIndex="18446744073709551616"`),
			`cdr: record 2, byte 148: correlatorIndex is "18446744073709551616"`,
		},
		{`<record type="callLegEnd" time="2024-03-05T09:00:00Z" correlatorIndex="1"/>`, `cdr: record 2, byte 148: no callLeg id`},
		{recordWith(`type="callLegEnd" time="2024-03-05T09:00:00Z" correlatorIndex="1"`), `cdr: record 2, byte 148: no callLeg id`},
		{strings.Replace(callEndRecord(1, ""), "b0a4ea2c-1d2e-4f30-9a4b-5c6d7e8f9a0b", " ", 1), `cdr: record 2, byte 148: no call id`},
		{
			strings.Replace(callEndRecord(1, ""), "b0a4ea2c-1d2e-4f30-9a4b-5c6d7e8f9a0b", strings.Repeat("x", MaxID+1), 1),
			`cdr: byte 148: an id of 129 bytes, more than 128, in element "records" at "<record type=\"callEnd\" time=\"2024-03-05T"…`,
		},
		{
			`<record type="callSummary" time="2024-03-05T09:00:00Z" correlatorIndex="1"><summary id="` + strings.Repeat("x", MaxID+1) + `"/></record>`,
			`cdr: byte 148: an id of 129 bytes, more than 128, in element "records" at "<record type=\"callSummary\" time=\"2024-03"…`,
		},
		{badRecord, `cdr: record 2, byte 177: an end tag that does not match in element "call" at "</record></records>"`},
		{
			callEndRecord(1, "<name>x]]></name>"),
			`cdr: record 2, byte 274: ]]> in text in element "name" at "]]></name></call></record></records>"`,
		},
		{
			callEndRecord(1, `<name x="ab&zz;"/>`),
			`cdr: record 2, byte 278: an unknown entity, a wrong character reference, or a bare & in element "call" at "&zz;\"/></call></record></records>"`,
		},
		{
			callEndRecord(1, `<name x="ab<c"/>`),
			`cdr: record 2, byte 278: an attribute value is not closed or contains < in element "call" at "<c\"/></call></record></records>"`,
		},
		{`<record><a></a><record/>`, `cdr: record 2, byte 163: a record within a record in element "record" at "<record/></records>"`},
		{
			callEndRecord(1, strings.Repeat("<call/>", maxNodes)),
			`cdr: record 2, byte 28932: too many elements and attributes in a record in element "call" at "<call/></call></record></records>"`,
		},
		{
			recordWith(`type="callEnd" time="` + strings.Repeat("x", maxQuote) + `" correlatorIndex="0"`),
			`cdr: record 2, byte 148: time is "` + strings.Repeat("x", maxQuote) + `"`,
		},
		{"word" + callEndRecord(9, ""), `cdr: byte 148: text between records in element "records" at "word<record type=\"callEnd\" time=\"2024-03"…`},
		{"<a/>", `cdr: byte 148: an element other than a record in element "records" at "<a/></records>"`},
		{"&a;", `cdr: byte 148: an unknown entity, a wrong character reference, or a bare & in element "records" at "&a;</records>"`},
		{callEndRecord(1, "") + "</a>", `cdr: byte 283: an end tag that does not match in element "records" at "</a></records>"`},
	}
	require.Equal(t, 24, len(cases))
	for _, c := range cases {
		d, err := Open("<records>\n" + callEndRecord(0, "") + "\n\n\n" + c.inside + "</records>")
		require.NoError(t, err)
		var got []error
		for _, m := range d.Records() {
			if m != nil {
				got = append(got, m.Err)
			}
		}
		require.Len(t, got, 1, c.want)
		assert.EqualError(t, got[0], c.want)
	}
}

// TestErrorTypes checks that errors.As gives the position and the field.
func TestErrorTypes(t *testing.T) {
	only := func(inside string) error {
		d, err := Open("<records>" + inside + "</records>")
		require.NoError(t, err)
		for _, m := range d.Records() {
			return m.Err
		}
		return nil
	}
	var syntax *SyntaxError
	require.True(t, errors.As(only(badRecord), &syntax))
	assert.Equal(t, Position{Offset: 38, Record: 1}, syntax.Position)
	assert.Equal(t, "call", syntax.Element)
	var missing *MissingError
	require.True(t, errors.As(only("<record/>"), &missing))
	assert.Equal(t, "type", missing.Field)
	var value *ValueError
	require.True(t, errors.As(only(`<record type="x" time="noon"/>`), &value))
	assert.Equal(t, ValueError{Position{Offset: 9, Record: 1}, "time", "noon"}, *value)
}

// TestReplacedOmitsMalformedParts checks that Replaced does not count the invalid characters
// in malformed parts, because malformed parts are not changed.
func TestReplacedOmitsMalformedParts(t *testing.T) {
	d, err := Open("<records x='\x01'>" + callEndRecord(1, "<name>\xff\xfe</name>") + "\x02" + callEndRecord(2, "<name>\x02</nam>") +
		callEndRecord(3, "<name>\u00e9\x03</name>") + "</records>")
	require.NoError(t, err)
	var counts []int
	for _, m := range d.Records() {
		counts = append(counts, d.Replaced)
		if m != nil {
			assert.Equal(t, "\x02"+callEndRecord(2, "<name>\x02</nam>"), m.Bytes)
		}
	}
	assert.Equal(t, []int{3, 3, 4}, counts)
}

// TestReplacedInUnknownTypes checks that Replaced counts the invalid characters in records
// of unknown types.
func TestReplacedInUnknownTypes(t *testing.T) {
	d, err := Open(documentOf(`<record type="callSummary"` + timeAndIndex + "><summary>\x01</summary></record>"))
	require.NoError(t, err)
	require.Len(t, items(d, -1), 1)
	require.Equal(t, 1, d.Replaced)
}

// TestRecordNumbers checks that the number of a record in an error also counts the malformed
// records before it, even one without attributes.
func TestRecordNumbers(t *testing.T) {
	all := malformed(t, documentOf(badRecord+"<record/>"+callEndRecord(1, "")+"<record/>"))
	require.Len(t, all, 2)
	var missing *MissingError
	require.ErrorAs(t, all[1].Err, &missing)
	require.Equal(t, 4, missing.Record)
}

// TestErrorsHoldNoDocument checks that errors do not share the memory of the body, because
// they are kept longer.
func TestErrorsHoldNoDocument(t *testing.T) {
	inBody := func(body, text string) bool {
		at := offset(body, text)
		return text != "" && at >= 0 && at < len(body)
	}
	body := "<html>" + strings.Repeat("x", 100) + "</html>"
	_, err := Open(body)
	var root *RootError
	require.ErrorAs(t, err, &root)
	require.False(t, inBody(body, root.Root))
	body = documentOf(badRecord + callEndRecord(1, "") + "x" + callEndRecord(2, "") + `<record type="x" time="noon"/>`)
	all := malformed(t, body)
	require.Len(t, all, 3)
	require.True(t, inBody(body, all[0].Bytes))
	for _, m := range all[:2] {
		var syntax *SyntaxError
		require.ErrorAs(t, m.Err, &syntax)
		require.False(t, inBody(body, syntax.Near))
		require.False(t, inBody(body, syntax.Element))
	}
	var value *ValueError
	require.ErrorAs(t, all[2].Err, &value)
	require.False(t, inBody(body, value.Value))
}

// TestLoopEndsEarly checks that a loop over any document can end after its first item.
func TestLoopEndsEarly(t *testing.T) {
	for _, body := range []string{sample(3), "<records>x" + callEndRecord(1, "") + "y</records>", "<records>", "<records/>x"} {
		d, err := Open(body)
		require.NoError(t, err)
		for range d.Records() {
			break
		}
	}
}

// TestRewind checks that a document that is read in two loops, or again after a rewind,
// yields the items of one pass.
func TestRewind(t *testing.T) {
	bodies := []string{
		`<records session="s"/>`, `<records session="s"></records>`, `<records session="s">`,
		`<records session="s">` + callStartRecord("a") + `oops` + callStartRecord("b\xff") + `<x/>` + callStartRecord("c") + `</records>`,
		`<records session="s">oops` + callStartRecord("a") + callStartRecord("b") + `<record></records>`,
		`<records session="s">` + callStartRecord("a") + `</records>rest`,
		`<records session="s">` + callStartRecord("a") + `<!-- x --></records>`,
		`<records session="s">` + callStartRecord("a") + `<record type="callStart"` + callStartRecord("b"),
	}
	for _, body := range bodies {
		onePass, err := Open(body)
		require.NoError(t, err)
		want := nextItems(onePass, -1)
		for n := range len(want) + 1 {
			again, err := Open(body)
			require.NoError(t, err)
			start := again.Mark()
			got := nextItems(again, n)
			middle := again.Mark()
			require.Equal(t, want[n:], nextItems(again, -1), body)
			require.Empty(t, nextItems(again, -1))
			again.Rewind(middle)
			require.Equal(t, want, append(got, nextItems(again, -1)...), body)
			again.Rewind(start)
			require.Equal(t, want, nextItems(again, -1), body)
			require.Equal(t, onePass.Replaced, again.Replaced)
		}
	}
}

func callStartRecord(id string) string {
	return `<record type="callStart" time="2026-03-02T08:00:00Z" correlatorIndex="1"><call id="` + id + `"/></record>`
}

// nextItems returns up to n of the next items as texts, or all if n is negative.
func nextItems(d *Document, n int) (out []string) {
	out = []string{}
	if n == 0 {
		return out
	}
	for record, malformed := range d.Records() {
		if record != nil {
			out = append(out, record.ID)
		} else {
			out = append(out, fmt.Sprintf("%q: %v", malformed.Bytes, malformed.Err))
		}
		if len(out) == n {
			break
		}
	}
	return out
}

// TestLongMalformedParts checks that malformed parts are split between records so that
// none is longer than MaxRecord, that only a part that cannot be split is truncated, and
// that a truncated part ends at the end of a character.
func TestLongMalformedParts(t *testing.T) {
	bad := func(index, size int) string {
		return fmt.Sprintf(`<record correlatorIndex="%d">`, index) + strings.Repeat("x", size) + `</record>`
	}
	body := `<records session="s">` + callStartRecord("a") + bad(2, 100<<10) + bad(3, 100<<10) + bad(4, 100<<10) + "stray" +
		bad(5, 1<<20) + bad(6, 10) + "stray" + callStartRecord("b") + "stray" + `</records>`
	d, err := Open(body)
	require.NoError(t, err)
	type part struct {
		bytes, size int
		indices     []uint64
	}
	var parts []part
	ids := ""
	for record, malformed := range d.Records() {
		if record != nil {
			ids += record.ID
			continue
		}
		require.Contains(t, body, malformed.Bytes)
		parts = append(parts, part{len(malformed.Bytes), malformed.Size, malformed.Indices})
	}
	overhead := len(bad(2, 0))
	require.Equal(t, "ab", ids)
	require.Equal(t, []part{
		{2*(100<<10) + 2*overhead, 2*(100<<10) + 2*overhead, []uint64{2, 3}},
		{100<<10 + overhead + len("stray"), 100<<10 + overhead + len("stray"), []uint64{4}},
		{MaxRecord, 1<<20 + overhead, []uint64{5}},
		{10 + overhead + len("stray"), 10 + overhead + len("stray"), []uint64{6}},
		{len("stray"), len("stray"), nil},
	}, parts)

	// The length of the id determines which byte of a character is at MaxRecord.
	for _, id := range []string{"c", "cc", "ccc"} {
		empty := callStartRecord(id)
		long := strings.Replace(empty, `"/>`, `">`+strings.Repeat("€", (MaxRecord-len(empty)-len("</call>"))/3)+`</call>`, 1)
		d, err := Open(`<records session="s">` + long + strings.Replace(long, "€", strings.Repeat("€", 10), 1) + `</records>`)
		require.NoError(t, err)
		var got []string
		for record, malformed := range d.Records() {
			if record != nil {
				got = append(got, record.ID)
			} else {
				require.True(t, utf8.ValidString(malformed.Bytes))
				require.Greater(t, len(malformed.Bytes), MaxRecord-utf8.UTFMax)
				require.Greater(t, malformed.Size, len(malformed.Bytes))
			}
		}
		require.Equal(t, []string{id}, got)
	}
}

// TestLimitsOfMalformedParts checks that a malformed part of MaxRecord bytes is neither split nor
// truncated, that a longer one is split, and that a single text of more than MaxRecord bytes is
// truncated, at the end of a character if it is UTF-8.
func TestLimitsOfMalformedParts(t *testing.T) {
	const half = MaxRecord / 2
	for rest, want := range map[string][]int{
		strings.Repeat("y", MaxRecord-half-len("<z/>")):   {MaxRecord},
		strings.Repeat("y", MaxRecord-half-len("<z/>")+1): {half + len("<z/>"), MaxRecord - half - len("<z/>") + 1},
	} {
		var sizes []int
		for _, m := range malformed(t, documentOf(strings.Repeat("x", half)+"<z/>"+rest)) {
			require.Equal(t, m.Size, len(m.Bytes))
			require.Empty(t, m.Identity)
			sizes = append(sizes, m.Size)
		}
		require.Equal(t, want, sizes)
	}
	for unit, want := range map[string]int{"x": MaxRecord, "€": MaxRecord - MaxRecord%3, "\x80": MaxRecord} {
		text := strings.Repeat(unit, MaxRecord+1)
		all := malformed(t, documentOf(text))
		require.Len(t, all, 1)
		require.Equal(t, want, len(all[0].Bytes))
		require.Equal(t, len(text), all[0].Size)
		require.True(t, text == all[0].Identity)
	}
}

// TestLimitsOfRecords checks that the largest record and the longest id are accepted.
func TestLimitsOfRecords(t *testing.T) {
	largest := callEndRecord(1, strings.Repeat("x", MaxRecord-len(callEndRecord(1, ""))))
	require.Len(t, largest, MaxRecord)
	require.Equal(t, []string{"1"}, outline(t, documentOf(largest)))
	larger := callEndRecord(1, strings.Repeat("x", MaxRecord+1-len(callEndRecord(1, ""))))
	require.Len(t, malformed(t, documentOf(larger)), 1)
	longest := strings.Repeat("x", MaxID)
	require.Equal(t, longest, parseOne(t, strings.Replace(callEndRecord(1, ""), exampleID, longest, 1)).ID)
}
