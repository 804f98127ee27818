package cdr

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// malformed returns the malformed parts of a document.
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

// TestIndicesOfTheMalformed checks that the index of a malformed record is reported
// if it can be parsed.
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

// TestMissingEndIsOfItsDocument checks that two documents without </records> are two
// malformed parts, and that the same document is one.
func TestMissingEndIsOfItsDocument(t *testing.T) {
	whole := func(body string) string {
		all := malformed(t, body)
		require.Len(t, all, 1)
		require.Empty(t, all[0].Bytes)
		require.Zero(t, all[0].Size)
		return all[0].Document
	}
	require.NotEqual(t, whole("<records>"+rec(1, "")), whole("<records>"+rec(2, "")))
	require.Equal(t, whole("<records>"+rec(1, "")), whole("<records>"+rec(1, "")))
}
