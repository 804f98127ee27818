package cmscdrreceiver

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEqualMalformedParts checks that equal malformed parts of a session become one log record,
// in one document and in several.
func TestEqualMalformedParts(t *testing.T) {
	rig := newRig(t, nil)
	const malformed = `<record type="callEnd" time="never" correlatorIndex="9"/>`
	for index := range 2 {
		record := fmt.Sprintf(`<record type="x" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><x/></record>`, index)
		require.Equal(t, http.StatusOK, rig.post("/cdr", `<records session="s">`+malformed+record+malformed+`</records>`).Code)
	}
	require.Equal(t, 2+1+1, rig.logs.LogRecordCount(), "two records, the start of the session and one malformed part")
	require.EqualValues(t, 1, rig.ownCounter("malformed_records"))
}

// TestMalformedWithoutLogs checks that the beginning of a malformed part is in the
// collector's own log if no logs pipeline gets the whole part.
func TestMalformedWithoutLogs(t *testing.T) {
	rig := newRig(t, nil)
	rig.receiver.nextLogs = nil
	require.Equal(t, 200, rig.post("/cdr", `<records session="s"><record type="x"><call id="c</record></records>`).Code)
	entries := rig.warnings.FilterMessageSnippet("cannot be read as a record").All()
	require.NotEmpty(t, entries)
	require.Contains(t, entries[0].ContextMap()["begins"], `<record type="x">`)
}

// TestMalformedIsLoggedOnce checks that a malformed part is written to the collector's own log
// when it is acknowledged, and not for each document that is refused.
func TestMalformedIsLoggedOnce(t *testing.T) {
	rig := newRig(t, nil)
	rig.receiver.nextLogs = nil
	document := `<records session="s"><record type="callEnd" time="2026-03-02T08:00:00Z" correlatorIndex="0"><call id="c"/></record>word</records>`
	rig.refuse = func(string) error { return errors.New("queue is full") }
	require.Equal(t, 503, rig.post("/cdr", document).Code)
	require.Zero(t, rig.warnings.FilterMessageSnippet("cannot be read as a record").Len())
	rig.refuse = nil
	require.Equal(t, 200, rig.post("/cdr", document).Code)
	require.Equal(t, 200, rig.post("/cdr", document).Code)
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("cannot be read as a record").Len())
}
