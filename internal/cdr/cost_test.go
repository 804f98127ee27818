package cdr

import (
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAllocations checks that parsing allocates at most once for each record and
// twice for each document.
func TestAllocations(t *testing.T) {
	for _, n := range []int{1, 2, 10, 100, 1000} {
		body := sample(n)
		got := testing.AllocsPerRun(20, func() { decodeAll(t, body) })
		assert.LessOrEqual(t, got, float64(n+2), "%d records", n)
	}
	escaped := strings.ReplaceAll(sample(100), "Ffion", "Ffion &amp; Gareth")
	assert.LessOrEqual(t, testing.AllocsPerRun(20, func() { decodeAll(t, escaped) }), 102.0)
}

// TestReusedDocument checks that a document that is opened again after it was closed reuses
// its memory.
func TestReusedDocument(t *testing.T) {
	d := new(Document)
	body := sample(8) // none of these records has an alarm, whose memory Close does not keep
	got := testing.AllocsPerRun(20, func() {
		require.NoError(t, d.Open(body))
		for range d.Records() {
		}
		d.Close()
	})
	assert.Zero(t, got)
}

// hostileBodies are bodies that are designed to cost time or memory. body returns one
// whose size grows with n.
var hostileBodies = []struct {
	name string
	body func(n int) string
}{
	{"truncated tags", documentRepeating("<record ")},
	{"start tags", documentRepeating("<record >")},
	{"end tags", documentRepeating("</record>")},
	{"truncated end tags of the root", documentRepeating("<a></records")},
	{"unclosed quotes", documentRepeating(`<record a="`)},
	{"unclosed quotes of both kinds", documentRepeating(`<record a="<record a='<record a='`)},
	{"quotes closed at the end", func(n int) string { return documentOf(strings.Repeat(`<record a='`, n) + `"'`) }},
	{"unclosed comments", documentRepeating(`<record ><!- <!-- `)},
	{"unclosed CDATA", documentRepeating(`<record ><![CDATA[ `)},
	{"unclosed instructions", documentRepeating(`<record ><?x `)},
	{"invalid instructions closed at the end", func(n int) string { return documentOf(strings.Repeat("<record ><?x! ", n) + "?>") }},
	{"CDATA closed at the end", func(n int) string { return documentOf(strings.Repeat("<record ><![CDATA[ ", n) + "]]>") }},
	{"instructions closed at the end", func(n int) string { return documentOf(strings.Repeat("<record ><?x ", n) + "?>") }},
	{"instructions and their record closed at the end", func(n int) string {
		return documentOf(strings.Repeat("<record ><?x ", n) + "?></record>" + callEndRecord(1, ""))
	}},
	{"comments that contain records", func(n int) string { return documentOf("<record >" + strings.Repeat("<!--<record >-->", n)) }},
	{"CDATA that contains records", func(n int) string { return documentOf("<record >" + strings.Repeat("<![CDATA[<record >]]>", n)) }},
	{"bad records", documentRepeating(badRecord)},
	{"records without an index", documentRepeating(`<record type="a" time="2024-03-05T09:00:00Z"/>`)},
	{"bad records between good ones", documentRepeating(callEndRecord(1, "") + badRecord)},
	{"text between records", documentRepeating(`x<record type="x" time="2024-03-05T09:00:00Z" correlatorIndex="1"/>`)},
	{"duplicate attributes", documentRepeating(`<record a="" a=""/>`)},
	{"many attributes", documentRepeating("<record" + attributesOf(maxAttributes) + "/>")},
	{"one record of many nodes", func(n int) string { return documentOf(callEndRecord(1, strings.Repeat("<a/>", n))) }},
	{"many records of many nodes", func(n int) string {
		return documentOf(strings.Repeat(callEndRecord(1, strings.Repeat("<a/>", 4000)), n/4000))
	}},
	{"unknown elements", documentRepeating("<a/>")},
	{"one unknown element", func(n int) string { return documentOf("<x>" + strings.Repeat("<a/>", n) + "</x>") }},
	{"deep nesting", documentRepeating("<a>")},
	{"text in pieces", func(n int) string { return documentOf(callEndRecord(1, "<a>"+strings.Repeat("x<!---->", n)+"</a>")) }},
	{"text around elements", func(n int) string {
		return documentOf(callEndRecord(1, "<a>"+strings.Repeat("x", n)+strings.Repeat("<b/>x", 4000)+"</a>"))
	}},
	{"blanks around elements", func(n int) string {
		return documentOf(callEndRecord(1, "<a>"+strings.Repeat(" ", n)+"x"+strings.Repeat("<b/> ", 4000)+"</a>"))
	}},
	{"references", func(n int) string { return documentOf(callEndRecord(1, "<a>"+strings.Repeat("&#9;", n)+"</a>")) }},
	{"short texts with references", func(n int) string {
		return documentOf(strings.Repeat(callEndRecord(1, strings.Repeat("<a>&lt;</a>", 4000)), n/4000))
	}},
	{"bad references", documentRepeating("&")},
	{"bad characters", func(n int) string { return documentOf(callEndRecord(1, "<a>"+strings.Repeat("\x01\xff", n)+"</a>")) }},
	{"bad characters between records", documentRepeating("\x01")},
	{"long names", func(n int) string {
		return documentOf("<record><" + strings.Repeat("x", n) + "><a></" + strings.Repeat("x", n) + ">")
	}},
	{"a long text in many records", longTokenInManyRecords("<a>&x;", "x")},
	{"a long value in many records", longTokenInManyRecords("<a a='' a='", "x", "'/>")},
	{"a long name in many records", longTokenInManyRecords("<a:a:", "x")},
	{"a long name that begins with a digit in many records", longTokenInManyRecords("<", "1", ":")},
	{"a long name of an unclosed instruction in many records", longTokenInManyRecords("<?", "x", " ")},
	{"a long text of bad characters in many records", longTokenInManyRecords("<a>", "\xff", "</a>")},
	{"a long value of bad characters in many records", longTokenInManyRecords("<a a='", "\xff", "&x;'/>")},
	{"a long text of references in many records", longTokenInManyRecords("<a>", "&#9;", "</a>")},
	{"two long texts in many records", func(n int) string {
		return longTokenInManyRecords("<a>"+strings.Repeat("x", n/2)+"<!---->", "x", "</a>")(n / 2)
	}},
	{"a long name of marks in many records", longTokenInManyRecords("<a", "\u0301", "/>")},
	{"a long space in many records", longTokenInManyRecords("<a></a", " ", "x>")},
	{"numbers that are slow to parse", func(n int) string {
		leg := `<callLeg id="x"><mediaUsagePercentages>` + strings.Repeat("<mainVideoViewer>5e-309</mainVideoViewer>", 4000) + "</mediaUsagePercentages></callLeg>"
		return documentOf(strings.Repeat(`<record type="callLegEnd" time="2024-03-05T09:00:00Z" correlatorIndex="1">`+leg+"</record>", n/len(leg)+1))
	}},
	{"upper case GUIDs", documentRepeating(strings.Replace(callEndRecord(1, ""), "b0a4ea2c", "B0A4EA2C", 1))},
}

func documentRepeating(s string) func(int) string {
	return func(n int) string { return documentOf(strings.Repeat(s, n/len(s)+1)) }
}

// longTokenInManyRecords returns bodies in which a long token with an error follows the
// beginnings of about the square root of n records, which are in one instruction.
func longTokenInManyRecords(begin, repeated string, end ...string) func(int) string {
	return func(n int) string {
		records := strings.Repeat("<record ><?x ", int(math.Sqrt(float64(n))))
		return documentOf(records + "?>" + begin + strings.Repeat(repeated, n) + strings.Join(end, ""))
	}
}

func documentOf(inside string) string { return "<records>" + inside + "</records>" }

// TestScanIsLinear checks that the number of scanned bytes is linear in the size
// of every body.
func TestScanIsLinear(t *testing.T) {
	require.Equal(t, 49, len(hostileBodies))
	for _, h := range hostileBodies {
		t.Run(h.name, func(t *testing.T) {
			for _, n := range []int{20_000, 40_000} {
				body := h.body(n)
				d, err := Open(body)
				require.NoError(t, err)
				for range d.Records() {
				}
				assert.LessOrEqual(t, d.scan.scanned, 6*len(body))
				assert.GreaterOrEqual(t, d.scan.scanned, d.scan.pos) // every byte is counted
			}
		})
	}
}

// TestScannedBytes checks that the bytes that were read of a token that fails are counted once,
// and those of a search for its end too. The characters that begin a token or value, such as
// <!-- or a quote, are not always counted.
func TestScannedBytes(t *testing.T) {
	for body, want := range map[string]int{
		"<a><!-- xx":    len("<a>") + len(" xx"),
		"<a><![CDATA[x": len("<a>") + len("x"),
		"<a><?x yy":     len("<a>") + len("x yy"),
		`<a b="cc`:      len(`<a b=`) + len("cc"),
		`<a b="x<yy">`:  len(`<a b="x<yy`),
		// A token that was read beyond the problem.
		"<a>x&b;yy":       len("<a>x&b;yy") + len("x&b;yy"), // the text is rewritten
		"<a>x]]>yy":       len("<a>x]]>yy"),
		`<a b="x&c;yy">`:  len(`<a b="x&c;yy`) + len("x&c;yy"),
		`<a b="" b="yy">`: len(`<a b="" b="yy`),
		"<a b  yy>":       len("<a b  "),
		"<a b=  yy>":      len("<a b=  "),
		"<a></a  yy":      len("<a></a  "),
		"<a><!--x--yy":    len("<a><!--x"),
		"<a><?xx! ?>":     len("<a><?xx"),
		"<a><1xx>":        len("<a>") + len("1xx"),
		"<a><1x:>":        len("<a>") + len("1x"),
		"<a><1xé>":        len("<a>") + len("1x"),
		"<a><b:c:dd>":     len("<a>") + len("b:c:dd"),
		"<a><bé =":        len("<a><bé ") + len("bé"), // such names count twice
		"<a/><bb>":        len("<a/><bb"),
	} {
		_, s := tokens(body)
		require.NotEmpty(t, s.err.Problem)
		require.Equal(t, want, s.scanned, body)
	}
}

// TestLargeHostileBodies parses bodies of 1 to 21 megabytes. If the time were quadratic in
// the size of a body, a large one would take minutes to hours. The test finds searches that
// TestScanIsLinear does not find, because the scanner does not count them.
func TestLargeHostileBodies(t *testing.T) {
	for _, h := range hostileBodies {
		decodeAll(t, h.body(1_000_000))
	}
}

// TestSlowDoubles checks that numbers for which strconv needs microseconds are not parsed, and
// that those with 17 digits, which distinguish all doubles, are.
func TestSlowDoubles(t *testing.T) {
	for text, want := range map[string]bool{
		"48.7": true, "0.48699999999999999": true, "-1.2345678901234567e-05": true, "0.00012345678901234567": true, "1e-005": true, "": true,
		"5e-324": false, "1e309": false, "2.2250738585072011e-308": false, "9007199254740993.0001": false,
		"0." + strings.Repeat("0", 320) + "5": false,
	} {
		var to Optional[float64]
		assert.Equal(t, want, setDouble(&to, &Node{Text: text}), text)
		assert.Equal(t, want && text != "", to.Present, text)
	}
}

// TestMemoryIsLimited checks that the allocated memory is at most a small multiple of
// the body.
func TestMemoryIsLimited(t *testing.T) {
	const n = 1_000_000 // for small bodies, the constant "fixed", which is added to the limit, would allow any multiple
	check := func(t *testing.T, body string) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		decodeAll(t, body)
		runtime.ReadMemStats(&after)
		allocated := after.TotalAlloc - before.TotalAlloc
		const fixed = 2 << 20 // at most the nodes of one record, and the smaller slices that append replaced
		assert.LessOrEqual(t, allocated, uint64(4*len(body)+fixed), "%.1f times", float64(allocated)/float64(len(body)))
	}
	for _, h := range hostileBodies {
		t.Run(h.name, func(t *testing.T) { check(t, h.body(n)) })
	}
	t.Run("good records", func(t *testing.T) {
		body := sample(2000)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		decodeAll(t, body)
		runtime.ReadMemStats(&after)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(body)/20), "a body of %d bytes", len(body))
	})
}
