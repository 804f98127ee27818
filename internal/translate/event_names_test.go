package translate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestEventNames checks that every record type of the guide has an event name of its own.
func TestEventNames(t *testing.T) {
	names := map[string]bool{}
	for _, recordType := range cdr.RecordTypes {
		name := eventName(&cdr.Record{Type: recordType})
		require.NotEqual(t, "cisco.cms.record", name, recordType)
		require.False(t, names[name], name)
		names[name] = true
	}
	require.Len(t, eventNames, len(cdr.RecordTypes))
}
