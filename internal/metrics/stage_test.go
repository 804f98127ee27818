package metrics

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMergeCounts checks that counts of one series are merged, and that counts outside of
// the window are not.
func TestMergeCounts(t *testing.T) {
	_, source := newAggregator(t)
	one, two := source.single.get(noAttributes{}), source.byCallType.get("adHoc")
	require.Equal(t, []count{
		{source.callStarts, 2, one}, {source.callStarts, 7, two}, {source.recordMissing, 5, one},
	}, mergeCounts([]count{
		{source.callStarts, 1, one},
		{source.callStarts, 3, two},
		{source.recordMissing, 5, one},
		{source.callStarts, 1, one},
		{source.callStarts, 4, two},
	}))

	var many []count
	for range mergeWindow {
		many = append(many, count{source.callStarts, 1, &series{}})
	}
	first := count{source.callStarts, 1, one}
	require.Len(t, mergeCounts(append([]count{first, first}, many...)), 1+mergeWindow)
	require.Len(t, mergeCounts(append(append([]count{first}, many...), first)), 2+mergeWindow)
}
