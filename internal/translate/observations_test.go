package translate

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// onlyRecord returns the log record that write adds, which must be the only one.
func onlyRecord(t *testing.T, write func(*Logs)) plog.LogRecord {
	t.Helper()
	l := NewLogs(Scope("1.2.3"), pcommon.NewResource(), "s", time.Unix(1_000_000_000, 0), false, func(string) bool { return false })
	write(l)
	require.Equal(t, 1, l.records.Len())
	return l.records.At(0)
}

// TestTruncated checks that the log record of a truncated part says so, and has the size
// of the whole part.
func TestTruncated(t *testing.T) {
	for size, want := range map[int]map[string]any{
		cdr.MaxRecord:      {},
		cdr.MaxRecord + 10: {"cisco.cms.document.truncated": true, "cisco.cms.document.size": int64(cdr.MaxRecord + 10)},
	} {
		m := &cdr.Malformed{Bytes: strings.Repeat("x", cdr.MaxRecord), Size: size, Err: errors.New("too large")}
		out := onlyRecord(t, func(l *Logs) { l.Malformed(MalformedUID("s", m), m) })
		want["log.record.uid"] = MalformedUID("s", m)
		want["cisco.cms.session.id"] = "s"
		want["cisco.cms.document.error.message"] = "too large"
		require.Equal(t, want, out.Attributes().AsRaw())
		require.Len(t, out.Body().Str(), cdr.MaxRecord)
	}
}

// TestMalformedUID checks that the uid of a part without bytes, which reports a missing
// </records>, depends on the whole document, and that of a truncated part on the whole part.
func TestMalformedUID(t *testing.T) {
	uids := map[string]bool{}
	for _, m := range []*cdr.Malformed{{Bytes: "x"}, {Bytes: "y"}, {Identity: "<records>"}, {Identity: "<records><!-- -->"}, {Bytes: "x", Identity: "xy"}, {Bytes: "x", Identity: "xz"}} {
		require.Equal(t, MalformedUID("s", m), MalformedUID("s", m))
		uids[MalformedUID("s", m)] = true
	}
	require.Len(t, uids, 6)
}

// TestSessionStart checks the limits on the number, the names and the texts of unknown
// attributes.
func TestSessionStart(t *testing.T) {
	info := SessionInfo{PreviousID: "r", Address: "192.0.2.1"}
	for range 2 * maxUnknown {
		info.UnknownAttributes = append(info.UnknownAttributes, cdr.Attribute{Name: string(rune('A' + len(info.UnknownAttributes))), Value: strings.Repeat("é", maxText)})
	}
	info.UnknownAttributes[0].Name = strings.Repeat("x", maxName+1) // is omitted
	info.UnknownAttributes[1].Value = ""                            // is omitted
	info.UnknownAttributes[3].Value = "x" + info.UnknownAttributes[3].Value
	attributes := onlyRecord(t, func(l *Logs) { l.SessionStart(&cdr.Record{CorrelatorIndex: 5}, info) }).Attributes().AsRaw()
	require.Len(t, attributes, 4+maxUnknown-2)
	require.Equal(t, "s/5/cisco.cms.session.start", attributes["log.record.uid"])
	require.Equal(t, "r", attributes["cisco.cms.session.previous_id"])
	require.Equal(t, "192.0.2.1", attributes["client.address"])
	require.Equal(t, strings.Repeat("é", maxText/2), attributes["cisco.cms.extra.records.C"])
	require.Equal(t, "x"+strings.Repeat("é", maxText/2-1), attributes["cisco.cms.extra.records.D"], "no character is cut")
}
