package metrics

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMergeCounts checks that counts of one series are merged, and that counts outside of
// the window are not.
func TestMergeCounts(t *testing.T) {
	_, source := newAggregator(t)
	withoutAttributes, adHoc := source.withoutAttributes.get(noAttributes{}), source.byCallType.get("adHoc")
	require.Equal(t, []count{
		{source.callStarts, 2, withoutAttributes}, {source.callStarts, 7, adHoc}, {source.recordMissing, 5, withoutAttributes},
	}, mergeCounts([]count{
		{source.callStarts, 1, withoutAttributes},
		{source.callStarts, 3, adHoc},
		{source.recordMissing, 5, withoutAttributes},
		{source.callStarts, 1, withoutAttributes},
		{source.callStarts, 4, adHoc},
	}))

	var many []count
	for range mergeWindow {
		many = append(many, count{source.callStarts, 1, &series{}})
	}
	first := count{source.callStarts, 1, withoutAttributes}
	require.Len(t, mergeCounts(append([]count{first, first}, many...)), 1+mergeWindow)
	require.Len(t, mergeCounts(append(append([]count{first}, many[:mergeWindow-1]...), first)), mergeWindow)
	require.Len(t, mergeCounts(append(append([]count{first}, many...), first)), 2+mergeWindow)
}
