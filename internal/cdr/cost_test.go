package cdr

import (
	"fmt"
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

// hostileBodies are bodies that are designed to cost time or memory. body returns one of
// about n bytes.
var hostileBodies = []struct {
	name string
	body func(n int) string
}{
	{"truncated tags", repeated("<record ")},
	{"start tags", repeated("<record >")},
	{"end tags", repeated("</record>")},
	{"ends of the root", repeated("<a></records")},
	{"unclosed quotes", repeated(`<record a="`)},
	{"unclosed quotes of both kinds", repeated(`<record a="<record a='<record a='`)},
	{"quotes closed at the end", func(n int) string { return root(strings.Repeat(`<record a='`, n) + `"'`) }},
	{"unclosed comments", repeated(`<record ><!- <!-- `)},
	{"unclosed CDATA", repeated(`<record ><![CDATA[ `)},
	{"unclosed instructions", repeated(`<record ><?x `)},
	{"CDATA closed at the end", func(n int) string { return root(strings.Repeat("<record ><![CDATA[ ", n) + "]]>") }},
	{"instructions closed at the end", func(n int) string { return root(strings.Repeat("<record ><?x ", n) + "?>") }},
	{"instructions and their record closed at the end", func(n int) string {
		return root(strings.Repeat("<record ><?x ", n) + "?></record>" + rec(1, ""))
	}},
	{"comments that contain records", func(n int) string { return root("<record >" + strings.Repeat("<!--<record >-->", n)) }},
	{"CDATA that contains records", func(n int) string { return root("<record >" + strings.Repeat("<![CDATA[<record >]]>", n)) }},
	{"bad records", repeated(bad)},
	{"records without an index", repeated(`<record type="a" time="2024-03-05T09:00:00:Z"/>`)},
	{"bad records between good ones", repeated(rec(1, "") + bad)},
	{"text between records", repeated(`x<record type="x" time="2024-03-05T09:00:00Z" correlatorIndex="1"/>`)},
	{"duplicate attributes", repeated(`<record a="" a=""/>`)},
	{"many attributes", repeated("<record" + attributesOf(maxAttributes) + "/>")},
	{"one record of many nodes", func(n int) string { return root(rec(1, strings.Repeat("<a/>", n))) }},
	{"many records of many nodes", func(n int) string { return root(strings.Repeat(rec(1, strings.Repeat("<a/>", 4000)), n/4000)) }},
	{"unknown elements", repeated("<a/>")},
	{"one unknown element", func(n int) string { return root("<x>" + strings.Repeat("<a/>", n) + "</x>") }},
	{"deep nesting", repeated("<a>")},
	{"text in pieces", func(n int) string { return root(rec(1, "<a>"+strings.Repeat("x<!---->", n)+"</a>")) }},
	{"text around elements", func(n int) string {
		return root(rec(1, "<a>"+strings.Repeat("x", n)+strings.Repeat("<b/>x", 4000)+"</a>"))
	}},
	{"blanks around elements", func(n int) string {
		return root(rec(1, "<a>"+strings.Repeat(" ", n)+"x"+strings.Repeat("<b/> ", 4000)+"</a>"))
	}},
	{"references", func(n int) string { return root(rec(1, "<a>"+strings.Repeat("&#9;", n)+"</a>")) }},
	{"short texts with references", func(n int) string {
		return root(strings.Repeat(rec(1, strings.Repeat("<a>&lt;</a>", 4000)), n/4000))
	}},
	{"bad references", repeated("&")},
	{"bad characters", func(n int) string { return root(rec(1, "<a>"+strings.Repeat("\x01\xff", n)+"</a>")) }},
	{"bad characters between records", repeated("\x01")},
	{"long names", func(n int) string {
		return root("<record><" + strings.Repeat("x", n) + "><a></" + strings.Repeat("x", n) + ">")
	}},
	{"upper case GUIDs", repeated(strings.Replace(rec(1, ""), "b0a4ea2c", "B0A4EA2C", 1))},
}

func repeated(s string) func(int) string {
	return func(n int) string { return root(strings.Repeat(s, n/len(s)+1)) }
}

func root(inside string) string { return "<records>" + inside + "</records>" }

// TestScanIsLinear checks that the number of scanned bytes is linear in the size
// of every body.
func TestScanIsLinear(t *testing.T) {
	require.Equal(t, 36, len(hostileBodies))
	for _, h := range hostileBodies {
		t.Run(h.name, func(t *testing.T) {
			for _, n := range []int{20_000, 40_000} {
				body := h.body(n)
				d, err := Open(body)
				require.NoError(t, err)
				for range d.Records() {
				}
				assert.LessOrEqual(t, d.scan.scanned, 5*len(body))
				assert.GreaterOrEqual(t, d.scan.scanned, d.scan.pos-len("<records>")) // every byte is counted
			}
		})
	}
}

// TestMemoryIsBounded checks that the allocated memory is at most a small multiple of
// the body.
func TestMemoryIsBounded(t *testing.T) {
	const n = 50_000
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
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(body)/20), fmt.Sprint(len(body)))
	})
}
