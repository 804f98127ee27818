package cdr

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// malformed are the stretches of a document that could not be read.
func malformed(t *testing.T, body string) (all []*Malformed) {
	t.Helper()
	d, err := Open(body)
	require.NoError(t, err)
	for _, m := range d.Records() {
		if m != nil {
			all = append(all, m)
		}
	}
	return all
}

// A record that could not be read was delivered all the same, if its index can.
func TestIndicesOfTheMalformed(t *testing.T) {
	cases := map[string]struct {
		inside string
		want   []uint64
	}{
		"ill-formed inside":             {`<record type="callEnd"` + head + `><call></record>`, []uint64{7}},
		"without type":                  {`<record` + head + `/>`, []uint64{7}},
		"without id":                    {`<record type="callEnd"` + head + `><call/></record>`, []uint64{7}},
		"wrong time":                    {`<record type="x" time="noon" correlatorIndex=" 8 "/>`, []uint64{8}},
		"without index":                 {`<record type="x" time="noon"/>`, nil},
		"index that is no number":       {`<record type="x" correlatorIndex="-1"/>`, nil},
		"start tag wrong behind it":     {`<record correlatorIndex="9" type=x/>`, []uint64{9}},
		"start tag wrong before it":     {`<record type=x correlatorIndex="9"/>`, nil},
		"two indices":                   {`<record correlatorIndex="9" correlatorIndex="10"/>`, nil},
		"text and elements have none":   {`x<y correlatorIndex="3"/>`, nil},
		"longer name":                   {`<records2 correlatorIndex="3" type=x/>`, nil},
		"several":                       {`<record correlatorIndex="3"/>x<record correlatorIndex="2"/>` + bad, []uint64{3, 2}},
		"not that of the record before": {rec(1, "") + "x", nil},
		"not that of the record behind": {"x" + rec(1, ""), nil},
	}
	require.Len(t, cases, 14)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			all := malformed(t, root(c.inside))
			require.Len(t, all, 1)
			require.Equal(t, c.want, all[0].Indices)
		})
	}
	many := malformed(t, root(strings.Repeat(`<record correlatorIndex="1"/>`, 2*maxIndices)))
	require.Len(t, many, 1)
	require.Len(t, many[0].Indices, maxIndices)
}

// No Call Bridge writes a record so large: it is malformed, and not kept whole.
func TestLargeRecords(t *testing.T) {
	ofSize := func(size int) string {
		return rec(1, "<name>"+strings.Repeat("x", size-len(rec(1, "<name></name>")))+"</name>")
	}
	require.Equal(t, []string{"1", "2"}, outline(t, root(ofSize(MaxBytes)+rec(2, ""))))
	all := malformed(t, root(ofSize(MaxBytes+1)+rec(2, "")))
	require.Len(t, all, 1)
	require.EqualError(t, all[0].Err, "cdr: record 1, byte 9: the record has 262145 bytes, and no more than 262144 are believed")
	require.Equal(t, ofSize(MaxBytes + 1)[:MaxBytes], all[0].Bytes)
	require.Equal(t, MaxBytes+1, all[0].Size)
	require.True(t, all[0].Truncated())
	require.Equal(t, ofSize(MaxBytes+1), all[0].Whole)
	require.Equal(t, []uint64{1}, all[0].Indices)
}

// What is cut ends with a whole character, if it has characters.
func TestCutAtCharacters(t *testing.T) {
	for _, before := range []int{0, 1, 2, 3} {
		text := strings.Repeat("x", before) + strings.Repeat("𝄞", MaxBytes/4)
		m := NewMalformed(text+"y", nil)
		require.True(t, utf8.ValidString(m.Bytes))
		require.Greater(t, len(m.Bytes), MaxBytes-utf8.UTFMax)
		require.Equal(t, len(text)+1, m.Size)
	}
	m := NewMalformed(strings.Repeat("\x80", MaxBytes+1), nil)
	require.Len(t, m.Bytes, MaxBytes)
	m = NewMalformed(strings.Repeat("x", MaxBytes), nil)
	require.False(t, m.Truncated())
}

// Many bad things are several stretches, none larger than what is kept of one,
// and nothing between them is left out.
func TestStretchesAreBounded(t *testing.T) {
	for _, inside := range []string{bad, "<a/>", "x<a/>", "<record correlatorIndex='5'/>"} {
		body := root(strings.Repeat(inside, 3*MaxBytes/len(inside)))
		all := malformed(t, body)
		var together strings.Builder
		for i, m := range all {
			require.LessOrEqual(t, m.Size, MaxBytes)
			require.False(t, m.Truncated())
			if i < len(all)-1 {
				require.Greater(t, m.Size, MaxBytes/2, "%q", inside)
			}
			together.WriteString(m.Bytes)
		}
		require.GreaterOrEqual(t, len(all), 3, "%q", inside)
		require.Contains(t, body, together.String())
		require.GreaterOrEqual(t, together.Len(), len(body)-len(root(""))-len(inside), "%q", inside)
	}
	// One that is large by itself is cut, with what precedes it in a stretch of its own.
	large := "<a>" + strings.Repeat("x", 2*MaxBytes) + "</a>"
	sizes := []int{}
	for _, m := range malformed(t, root("y"+large+bad+rec(1, "")+large+rec(2, ""))) {
		sizes = append(sizes, m.Size)
		require.LessOrEqual(t, len(m.Bytes), MaxBytes)
	}
	require.Equal(t, []int{1, len(large), len(bad), len(large)}, sizes)
	// White space behind it makes nothing large.
	all := malformed(t, root("<a/>"+strings.Repeat("\n", MaxBytes)+rec(1, "")))
	require.Len(t, all, 1)
	require.Equal(t, "<a/>", all[0].Bytes)
}

// Two documents without </records> are two, the same one twice is one.
func TestMissingEndIsOfItsDocument(t *testing.T) {
	whole := func(body string) string {
		all := malformed(t, body)
		require.Len(t, all, 1)
		require.Empty(t, all[0].Bytes)
		require.Zero(t, all[0].Size)
		return all[0].Whole
	}
	require.NotEqual(t, whole("<records>"+rec(1, "")), whole("<records>"+rec(2, "")))
	require.Equal(t, whole("<records>"+rec(1, "")), whole("<records>"+rec(1, "")))
}

// The index of a malformed record is one that it was given.
func ExampleMalformed() {
	d, _ := Open(`<records session="s"><record type="callEnd" correlatorIndex="12"/></records>`)
	for _, m := range d.Records() {
		fmt.Println(m.Indices, m.Err)
	}
	// Output: [12] cdr: record 1, byte 21: no time
}
