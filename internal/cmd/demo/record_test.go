package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
)

// logSpec describes a log record. The prefix cisco.cms. is added to its event and to the
// keys of its attributes.
type logSpec struct {
	event      string
	attributes map[string]any
	body       map[string]any
	severity   plog.SeverityNumber
}

func logsOf(specs ...logSpec) plog.Logs {
	logs := plog.NewLogs()
	resource := logs.ResourceLogs().AppendEmpty()
	resource.Resource().Attributes().PutStr("service.instance.id", "cms1")
	to := resource.ScopeLogs().AppendEmpty().LogRecords()
	for i, n := range specs {
		out := to.AppendEmpty()
		out.SetTimestamp(after(i))
		out.SetEventName("cisco.cms." + n.event)
		out.SetSeverityNumber(n.severity)
		out.SetSeverityText(strings.ToUpper(n.severity.String()))
		attributes := map[string]any{}
		for key, value := range n.attributes {
			attributes["cisco.cms."+key] = value
		}
		if err := out.Attributes().FromRaw(attributes); err != nil {
			panic(err)
		}
		if n.body != nil {
			if err := out.Body().SetEmptyMap().FromRaw(n.body); err != nil {
				panic(err)
			}
		}
	}
	return logs
}

// TestRecords checks the subjects and the descriptions of events, also with missing
// attributes.
func TestRecords(t *testing.T) {
	maren := map[string]any{"call_leg.display_name": "Maren", "call_leg.remote_party": "m@example.com", "call_leg.direction": "incoming"}
	with := func(key string, value any) map[string]any {
		out := map[string]any{key: value}
		for key, value := range maren {
			out[key] = value
		}
		return out
	}
	cases := []struct {
		logSpec              logSpec
		subject, description string
	}{
		{logSpec{event: "session.start"}, "Call Bridge cms1", "sends the first record of a session"},
		{
			logSpec{event: "record.gap", attributes: map[string]any{"record.missing_count": 3, "record.first_missing": 5, "record.last_missing": 7}},
			"Call Bridge cms1", "number of missing records: 3, from index 5 to 7",
		},
		{
			logSpec{event: "document.malformed", attributes: map[string]any{"document.error.message": "no id"}},
			"Call Bridge cms1", "sent malformed data: no id",
		},
		{
			logSpec{event: "call.start", attributes: map[string]any{"call.name": "Round"}, body: map[string]any{"callType": "coSpace"}},
			"Round", "begins, coSpace",
		},
		{
			logSpec{event: "call.end", attributes: map[string]any{"call.id": "c-1"}, body: map[string]any{"durationSeconds": 61, "callLegsMaxActive": 4}},
			"c-1", "ends after 1 min 1 s, 4 legs at most",
		},
		{logSpec{event: "call_leg.start", attributes: maren}, "Maren", "dials in, m@example.com"},
		{logSpec{event: "call_leg.start", attributes: map[string]any{
			"call_leg.remote_party": "r@example.com", "call_leg.direction": "outgoing", "call_leg.role": "recorder",
		}}, "r@example.com", "is called as recorder"},
		{logSpec{event: "call_leg.start", attributes: map[string]any{"call_leg.id": "l-1", "call_leg.role": "participant"}}, "l-1", "connects"},
		{logSpec{event: "call_leg.update", attributes: maren, body: map[string]any{"state": "connected", "ivr": ""}}, "Maren", "is in the voice menu"},
		{logSpec{event: "call_leg.update", attributes: maren, body: map[string]any{"state": "connected", "deactivated": true}}, "Maren", "waits in the lobby"},
		{logSpec{event: "call_leg.update", attributes: maren, body: map[string]any{"state": "connected", "deactivated": false}}, "Maren", "takes part"},
		{logSpec{event: "call_leg.update", attributes: maren, body: map[string]any{"state": "connected"}}, "Maren", "is connected"},
		{logSpec{event: "call_leg.update", attributes: maren, body: map[string]any{"remoteAddress": "x"}}, "Maren", "is updated"},
		{logSpec{event: "call_leg.update", attributes: maren}, "Maren", "is updated"},
		{logSpec{event: "call_leg.end", attributes: with("call_leg.outcome", "completed"), body: map[string]any{
			"reason": "remoteTeardown", "durationSeconds": 59, "alarm": []any{
				map[string]any{"type": "packetLoss", "durationPercentage": 6.3},
				map[string]any{"type": "excessiveJitter", "durationPercentage": 0.0},
				map[string]any{"type": "new"},
				"no map",
			},
		}}, "Maren", "leaves after 59 s, remoteTeardown, packetLoss 6.3 %"},
		{
			logSpec{event: "call_leg.end", attributes: with("call_leg.outcome", "failed"), body: map[string]any{"reason": "timeout", "durationSeconds": 0}},
			"Maren", "✗ fails after 0 s, timeout",
		},
		{
			logSpec{event: "call_leg.end", attributes: with("call_leg.outcome", "not_joined"), body: map[string]any{"reason": "busy", "durationSeconds": 4}},
			"Maren", "does not join after 4 s, busy",
		},
		{logSpec{event: "call_leg.end", attributes: maren}, "Maren", "leaves"},
		{logSpec{event: "recording.start"}, "recording", "begins"},
		{logSpec{event: "streaming.end"}, "streaming", "ends"},
		{logSpec{event: "record", attributes: map[string]any{"record.type": "moodChange"}}, "Call Bridge cms1", "moodChange"},
	}
	require.Len(t, cases, 21)
	for _, c := range cases {
		r := records(logsOf(c.logSpec))[0]
		require.Equal(t, c.subject, r.subject(), c.logSpec)
		require.Equal(t, c.description, strings.Join(r.clauses(), ", "), c.logSpec)
	}
}

// TestSelectRecords checks that the first of some events, the last end of a call and all
// warnings are selected.
func TestSelectRecords(t *testing.T) {
	call := map[string]any{"call.name": "Round"}
	lobby := map[string]any{"deactivated": true}
	failed := map[string]any{"call_leg.display_name": "Physiotherapy", "call_leg.outcome": "failed"}
	info, warn := plog.SeverityNumberInfo, plog.SeverityNumberWarn
	all := logsOf(
		logSpec{"session.start", nil, nil, info},
		logSpec{"call.start", call, map[string]any{"callType": "coSpace"}, info},
		logSpec{"call.start", call, nil, info},
		logSpec{"call_leg.update", nil, map[string]any{"deactivated": false}, info},
		logSpec{"call_leg.update", map[string]any{"call_leg.display_name": "Maren"}, lobby, info},
		logSpec{"call_leg.update", nil, lobby, info},
		logSpec{"call.end", call, nil, info},
		logSpec{"call_leg.end", failed, map[string]any{"reason": "timeout", "durationSeconds": 7}, warn},
		logSpec{"call.end", call, map[string]any{"durationSeconds": 70, "callLegsMaxActive": 2}, info},
	)
	var out bytes.Buffer
	showRecords(&page{out: &out}, selectRecords(records(all)))
	require.Equal(t, `12:00:01  INFO   call.start       Round          begins, coSpace
12:00:04  INFO   call_leg.update  Maren          waits in the lobby
12:00:07  WARN   call_leg.end     Physiotherapy  ✗ fails after 7 s, timeout
12:00:08  INFO   call.end         Round          ends after 1 min 10 s, 2 legs at most
`, out.String())
}
