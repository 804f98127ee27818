package cdr

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRecordTypes checks that every listed record type has a body of its own and an
// element, and that a type that is not listed has no body.
func TestRecordTypes(t *testing.T) {
	var b bodies
	found := map[Body]bool{}
	for _, recordType := range RecordTypes {
		body, element := b.forType(recordType)
		require.NotNil(t, body, recordType)
		require.NotEmpty(t, element, recordType)
		require.False(t, found[body], recordType)
		found[body] = true
	}
	require.Len(t, found, 9)
	body, _ := b.forType("callUpdate")
	require.Nil(t, body)
}
