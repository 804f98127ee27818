package translate

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// TestSeverities checks the severity of each kind of log record, and its text.
func TestSeverities(t *testing.T) {
	record := &cdr.Record{Type: "callLegEnd"}
	end := func(body cdr.CallLegEnd) func(*Logs) {
		return func(l *Logs) {
			l.Record(&cdr.Record{Type: record.Type, Body: &body}, &correlate.Effect{Leg: &correlate.Leg{}})
		}
	}
	for name, c := range map[string]struct {
		write func(*Logs)
		want  plog.SeverityNumber
		text  string
	}{
		"session":        {func(l *Logs) { l.SessionStart(record, SessionInfo{}) }, plog.SeverityNumberInfo, "INFO"},
		"gap":            {func(l *Logs) { l.Gap(record, []sequence.Range{{First: 1, Last: 2}}) }, plog.SeverityNumberWarn, "WARN"},
		"snapshot":       {func(l *Logs) { l.Snapshots([]correlate.Snapshot{{Call: &correlate.Call{}}}) }, plog.SeverityNumberInfo, "INFO"},
		"malformed":      {func(l *Logs) { l.Malformed("u", &cdr.Malformed{Err: errors.New("bad")}) }, plog.SeverityNumberError, "ERROR"},
		"end":            {end(cdr.CallLegEnd{Reason: "callEnded"}), plog.SeverityNumberInfo, "INFO"},
		"failure":        {end(cdr.CallLegEnd{Reason: "timeout"}), plog.SeverityNumberWarn, "WARN"},
		"alarm":          {end(cdr.CallLegEnd{Alarms: []cdr.Alarm{{DurationPercentage: some(0.1)}}}), plog.SeverityNumberWarn, "WARN"},
		"alarm with 0 %": {end(cdr.CallLegEnd{Alarms: []cdr.Alarm{{DurationPercentage: some(0.0)}}}), plog.SeverityNumberInfo, "INFO"},
	} {
		t.Run(name, func(t *testing.T) {
			out := onlyRecord(t, c.write)
			require.Equal(t, c.want, out.SeverityNumber())
			require.Equal(t, c.text, out.SeverityText())
			require.Equal(t, time.Unix(1_000_000_000, 0).UTC(), out.ObservedTimestamp().AsTime())
		})
	}
}

// TestOriginal checks that the XML of a record is valid UTF-8, and is truncated between two
// characters if it does not fit in a payload.
func TestOriginal(t *testing.T) {
	require.Equal(t, "<a>\ufffd</a>", truncateOriginal(plog.NewLogRecord(), "<a>\xff</a>"))
	const limit = MaxPayload - maxEmptySize
	for padding := range len("€") {
		original := truncateOriginal(plog.NewLogRecord(), strings.Repeat("x", padding)+strings.Repeat("€", MaxPayload))
		require.Empty(t, strings.Trim(original, "x€"))
		require.LessOrEqual(t, len(original), limit)
		require.Greater(t, len(original), limit-100)
	}
}
