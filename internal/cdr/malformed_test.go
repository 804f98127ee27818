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

// TestMalformedIndices checks that the correlatorIndex of each record in a malformed part is
// reported if it can be parsed and no attribute of the start tag is repeated, and that at
// most maxIndices are reported.
func TestMalformedIndices(t *testing.T) {
	cases := map[string]struct {
		inside string
		want   []uint64
	}{
		"content not well-formed":    {`<record type="callEnd"` + timeAndIndex + `><call></record>`, []uint64{7}},
		"without type":               {`<record` + timeAndIndex + `/>`, []uint64{7}},
		"without id":                 {`<record type="callEnd"` + timeAndIndex + `><call/></record>`, []uint64{7}},
		"wrong time":                 {`<record type="x" time="noon" correlatorIndex=" 8 "/>`, []uint64{8}},
		"without index":              {`<record type="x" time="noon"/>`, nil},
		"negative index":             {`<record type="x" correlatorIndex="-1"/>`, nil},
		"error after the index":      {`<record correlatorIndex="9" type=x/>`, []uint64{9}},
		"error before the index":     {`<record type=x correlatorIndex="9"/>`, nil},
		"two indices":                {`<record correlatorIndex="9" correlatorIndex="10"/>`, nil},
		"text and another element":   {`x<y correlatorIndex="3"/>`, nil},
		"longer name":                {`<records2 correlatorIndex="3" type=x/>`, nil},
		"several records":            {`<record correlatorIndex="3"/>x<record correlatorIndex="2"/>` + badRecord, []uint64{3, 2}},
		"index of the record before": {callEndRecord(1, "") + "x", nil},
		"index of the record after":  {"x" + callEndRecord(1, ""), nil},
	}
	require.Len(t, cases, 14)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			all := malformed(t, documentOf(c.inside))
			require.Len(t, all, 1)
			require.Equal(t, c.want, all[0].Indices)
		})
	}
	many := malformed(t, documentOf(strings.Repeat(`<record correlatorIndex="1"/>`, 2*maxIndices)))
	require.Len(t, many, 1)
	require.Len(t, many[0].Indices, maxIndices)
}

// TestMissingEndIdentity checks that the malformed parts that report a missing </records>
// have different identities in two different documents, and the same identity if one
// document is read twice.
func TestMissingEndIdentity(t *testing.T) {
	identity := func(body string) string {
		all := malformed(t, body)
		require.Len(t, all, 1)
		require.Empty(t, all[0].Bytes)
		require.Zero(t, all[0].Size)
		return all[0].Identity
	}
	require.NotEqual(t, identity("<records>"+callEndRecord(1, "")), identity("<records>"+callEndRecord(2, "")))
	require.Equal(t, identity("<records>"+callEndRecord(1, "")), identity("<records>"+callEndRecord(1, "")))
}
