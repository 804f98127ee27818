package correlate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestStartTime checks that a span does not start later than the earliest record about
// its entity. If no start record arrived, the duration can result in an earlier start.
// Each entity ends at second 60.
func TestStartTime(t *testing.T) {
	seconds := func(n int64) cdr.Optional[int64] { return cdr.Optional[int64]{Value: n, Present: true} }
	at := func(n int) pcommon.Timestamp { return pcommon.NewTimestampFromTime(second(n)) }
	cases := map[string]struct {
		fields   EntityFields
		duration cdr.Optional[int64]
		want     pcommon.Timestamp
	}{
		"start record":                        {EntityFields{Start: at(5), Earliest: at(5)}, seconds(60), at(5)},
		"record before the start record":      {EntityFields{Start: at(5), Earliest: at(3)}, seconds(10), at(3)},
		"duration":                            {EntityFields{}, seconds(10), at(50)},
		"record before the start by duration": {EntityFields{Earliest: at(20)}, seconds(10), at(20)},
		"record after the start by duration":  {EntityFields{Earliest: at(55)}, seconds(10), at(50)},
		"record without a duration":           {EntityFields{Earliest: at(20)}, cdr.Optional[int64]{}, at(20)},
		"record after the end":                {EntityFields{Earliest: at(70)}, cdr.Optional[int64]{}, at(60)},
		"neither record nor duration":         {EntityFields{}, cdr.Optional[int64]{}, at(60)},
		"impossible duration":                 {EntityFields{}, seconds(1 << 62), at(60)},
		"negative duration":                   {EntityFields{}, seconds(-5), at(60)},
		"end before the start record":         {EntityFields{Start: at(90), Earliest: at(90)}, seconds(10), at(90)},
	}
	require.Len(t, cases, 11)
	for name, c := range cases {
		require.Equal(t, c.want, c.fields.startTime(at(60), c.duration), name)
	}
}

// TestEmptyExtra checks that an empty unknown element is kept, because its presence can have a
// meaning, such as that of the element ivr.
func TestEmptyExtra(t *testing.T) {
	session := newSession(highLimits)
	record := recordOf(0, "leg", &cdr.CallLegStart{})
	record.Nodes = []cdr.Node{{Name: "handRaised"}}
	effect, _ := commitRecords(session, "cms1", epoch, record)
	require.Equal(t, Extra{{Name: "handRaised"}}, effect.Leg.Extra)
}

// TestExtraIsLimited checks the limit on the number of paths, and that the last value of
// each path is kept.
func TestExtraIsLimited(t *testing.T) {
	var extra Extra
	for i := range 100 {
		extra = extra.withRecord(&cdr.Record{Nodes: []cdr.Node{
			{Name: "known", Known: true, Size: 1}, {Name: fmt.Sprint("x", i), Text: "1"},
		}}, false)
	}
	require.Len(t, extra, maxExtra)
	previous := extra
	extra = extra.withRecord(&cdr.Record{Attributes: []cdr.Attribute{{Name: "y"}}, Nodes: []cdr.Node{
		{Name: "known", Known: true, Size: 1}, {Name: "x0", Text: "2"},
	}}, false)
	require.Len(t, extra, maxExtra, "the path record.y was added")
	require.Equal(t, cdr.Attribute{Name: "known.x0", Value: "2"}, extra[0])
	require.Equal(t, "1", previous[0].Value, "a slice that a session may hold was changed in place")
}

// TestExtraOfLargeRecords checks the limits on the length of a path and on the number of unknown
// elements and attributes of one record that are considered.
func TestExtraOfLargeRecords(t *testing.T) {
	named := func(length int) cdr.Node { return cdr.Node{Name: strings.Repeat("x", length), Text: "1"} }
	extra := Extra(nil).withRecord(&cdr.Record{Nodes: []cdr.Node{named(maxPath), named(maxPath + 1)}}, false)
	require.Len(t, extra, 1)
	below := func(parent int) []cdr.Node {
		return []cdr.Node{{Name: strings.Repeat("p", parent), Known: true, Size: 1}, {Name: "x", Text: "1"}}
	}
	require.Len(t, Extra(nil).withRecord(&cdr.Record{Nodes: below(maxPath - 2)}, false), 1)
	require.Empty(t, Extra(nil).withRecord(&cdr.Record{Nodes: below(maxPath - 1)}, false))

	// Each repetition of a path counts, and only the first maxAdditions are considered.
	var nodes []cdr.Node
	for i := range maxAdditions + 1 {
		nodes = append(nodes, cdr.Node{Name: "x", Text: fmt.Sprint(i)})
	}
	extra = Extra(nil).withRecord(&cdr.Record{Nodes: nodes}, false)
	require.Equal(t, Extra{{Name: "x", Value: fmt.Sprint(maxAdditions - 1)}}, extra)
}
