package correlate

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestExtraIsLimited checks the limit on the number of paths, and that the last value of
// each path is kept.
func TestExtraIsLimited(t *testing.T) {
	var extra Extra
	for i := range 100 {
		extra = extra.withRecord(&cdr.Record{Nodes: []cdr.Node{
			{Name: "known", Known: true, Size: 1}, {Name: fmt.Sprint("x", i), Text: "1"},
		}})
	}
	require.Len(t, extra, maxExtra)
	previous := extra
	extra = extra.withRecord(&cdr.Record{Attributes: []cdr.Attribute{{Name: "y"}}, Nodes: []cdr.Node{
		{Name: "known", Known: true, Size: 1}, {Name: "x0", Text: "2"},
	}})
	require.Equal(t, cdr.Attribute{Name: "known.x0", Value: "2"}, extra[0])
	require.Equal(t, "1", previous[0].Value, "a slice that a session may hold was changed in place")
}
