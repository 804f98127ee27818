package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
)

// toLoki configures a collector that saves its state in a folder and exports log records
// without a queue.
const toLoki = `yaml:
receivers:
  cms_cdr: {http: {endpoint: %q}, storage: file_storage}
exporters:
  otlp_http: {endpoint: %q, sending_queue: {enabled: false}}
extensions:
  file_storage: {directory: %q}
service:
  extensions: [file_storage]
  telemetry: {metrics: {level: none}, logs: {level: error}}
  pipelines: {logs: {receivers: [cms_cdr], exporters: [otlp_http]}}
`

// TestLoki checks that a real Loki has each record once, although Call Bridges and the
// collector restart in the middle, and that LogQL can select them.
func TestLoki(t *testing.T) {
	l, address := startLoki(t), freeAddress(t)
	w, want := playRestarted(t, "http://"+address+"/cdr", fmt.Sprintf(toLoki, address, l.url+"/otlp", t.TempDir()))
	t.Run("numbers", func(t *testing.T) { l.checkNumbers(t, want) })
	t.Run("uids", func(t *testing.T) { l.checkUIDs(t, w) })
	t.Run("fields", func(t *testing.T) { l.checkFields(t, want) })
	t.Run("traces", func(t *testing.T) { l.checkTraces(t) })
	t.Run("roles", func(t *testing.T) { l.checkRoles(t, want) })
	t.Run("dashboards", func(t *testing.T) { l.checkDashboards(t) })
}

// checkNumbers checks the counts of records by type, their total, and that their sources are
// two Call Bridges.
func (l *loki) checkNumbers(t *testing.T, want expect.Counts) {
	records := l.countBy(t, "cisco_cms_record_type", "")
	require.Equal(t, want.Sessions, records[""], "the only observations are the starts of sessions")
	delete(records, "")
	require.Equal(t, want.Records, records)
	sources := l.countBy(t, "service_instance_id", "")
	require.Len(t, sources, 2)
	require.Equal(t, want.Acknowledged+want.Sessions, total(sources))
	for source := range sources {
		require.Len(t, source, len("ca110000-0000-4000-8000-000000000001"), "the Call Bridge's GUID")
	}
}

// checkUIDs checks that each acknowledged record is stored once.
func (l *loki) checkUIDs(t *testing.T, w *deliveries) {
	uids := map[string]bool{}
	for _, line := range l.lines(t, `| cisco_cms_record_type != ""`) {
		uid := line.labels["log_record_uid"]
		require.False(t, uids[uid], "%s is stored twice", uid)
		uids[uid] = true
		_, acknowledged := w.acknowledged[uid]
		require.True(t, acknowledged, uid)
	}
	require.Len(t, uids, len(w.acknowledged))
}

// checkFields checks that records can be counted by reason, outcome and severity without
// their bodies, that the stage json of LogQL finds elements in the body, and that durations
// can be summed.
func (l *loki) checkFields(t *testing.T, want expect.Counts) {
	const ends = `| cisco_cms_record_type = "callLegEnd"`
	require.Equal(t, want.CallLegs.Reasons, l.countBy(t, "cisco_cms_call_leg_reason", ends))
	require.Equal(t, want.CallLegs.Outcomes, l.countBy(t, "cisco_cms_call_leg_outcome", ends))
	require.Equal(t, want.CallLegs.Reasons, l.countBy(t, "reason", ends+` | json`))
	require.Equal(t, want.Calls.Started, l.countBy(t, "callType", `| cisco_cms_record_type = "callStart" | json`))
	seconds := l.by(t, "", `sum(sum_over_time({service_name="cisco-meeting-server"} `+ends+` | json | unwrap durationSeconds [24h]))`)
	require.Equal(t, map[string]int{"": want.CallLegs.Seconds}, seconds)

	codecs := map[string]int{}
	severities := map[string]int{}
	for _, line := range l.lines(t, ends) {
		var body struct{ RxAudio struct{ Codec string } }
		require.NoError(t, json.Unmarshal([]byte(line.body), &body), line.body)
		codecs[body.RxAudio.Codec]++
		severities[line.labels["severity_text"]]++
	}
	require.Greater(t, len(codecs), 3)
	require.Equal(t, codecs, l.countBy(t, "rxAudio_codec", ends+` | json`))
	require.Positive(t, severities["WARN"])
	require.Equal(t, severities, l.countBy(t, "severity_text", ends))
	alarms := l.countBy(t, "type", `| cisco_cms_record_type = "callLegEnd" | json type="alarm[0].type", share="alarm[0].durationPercentage" | type != "" | share > 0`)
	require.NotEmpty(t, alarms)
	for alarm, n := range alarms {
		require.LessOrEqual(t, n, want.Alarms[alarm], alarm)
	}
}

// checkTraces checks that the trace id of a record is the GUID of a call, that its span id is
// the end of the GUID of its entity, and that the trace id of a recording finds its call and legs. A
// record of a leg in no call has no trace id, except the end record: its trace id is the GUID
// of the leg.
func (l *loki) checkTraces(t *testing.T) {
	calls := map[string]bool{}
	for _, line := range l.lines(t, `| cisco_cms_record_type = "callStart"`) {
		calls[strings.ReplaceAll(line.labels["cisco_cms_call_id"], "-", "")] = true
	}
	require.Greater(t, len(calls), 100)
	with, without := 0, 0
	for _, line := range l.lines(t, `| cisco_cms_record_type != ""`) {
		trace, span := line.labels["trace_id"], line.labels["span_id"]
		if trace == "" {
			without++
			require.Empty(t, span)
			require.Empty(t, line.labels["cisco_cms_call_id"], line.labels)
			require.NotEqual(t, "callLegEnd", line.labels["cisco_cms_record_type"], line.labels)
			continue
		}
		with++
		if !calls[trace] {
			require.Equal(t, "callLegEnd", line.labels["cisco_cms_record_type"], line.labels)
			require.Equal(t, strings.ReplaceAll(line.labels["cisco_cms_call_leg_id"], "-", ""), trace, line.labels)
		}
		id := line.labels["cisco_cms_call_id"]
		for _, key := range []string{"cisco_cms_recording_id", "cisco_cms_streaming_id", "cisco_cms_call_leg_id"} {
			if other, exists := line.labels[key]; exists {
				id = other
				break
			}
		}
		require.True(t, strings.HasSuffix(strings.ReplaceAll(id, "-", ""), span), "%v", line.labels)
	}
	require.Positive(t, without)
	require.Greater(t, with, without)
	for trace := range l.countBy(t, "trace_id", `| cisco_cms_record_type = "recordingStart"`) {
		meeting := l.countBy(t, "cisco_cms_record_type", fmt.Sprintf(`| trace_id = %q`, trace))
		require.Positive(t, meeting["callStart"], "the trace id of a recording finds its call")
		require.Positive(t, meeting["callLegUpdate"], "the trace id of a recording finds the legs of its call")
	}
}

// checkRoles checks that the log records of the start and the end of a leg have its role,
// although the body of the end record does not contain it.
func (l *loki) checkRoles(t *testing.T, want expect.Counts) {
	byRole := func(classes map[string]int) map[string]int {
		roles := map[string]int{}
		for class, n := range classes {
			roles[class[strings.LastIndexByte(class, '/')+1:]] += n
		}
		return roles
	}
	require.Len(t, byRole(want.CallLegs.Ended), 6)
	require.Equal(t, byRole(want.CallLegs.Started), l.countBy(t, "cisco_cms_call_leg_role", `| cisco_cms_record_type = "callLegStart"`))
	require.Equal(t, byRole(want.CallLegs.Ended), l.countBy(t, "cisco_cms_call_leg_role", `| cisco_cms_record_type = "callLegEnd"`))
}

// TestLokiRepeated checks that records that are repeated after a crash without storage have
// the same uid, and that a query can count each of them once by its uid.
func TestLokiRepeated(t *testing.T) {
	const withoutStorage = `yaml:
receivers: {cms_cdr: {http: {endpoint: %q}}}
exporters: {otlp_http: {endpoint: %q, sending_queue: {enabled: false}}}
service:
  telemetry: {metrics: {level: none}, logs: {level: error}}
  pipelines: {logs: {receivers: [cms_cdr], exporters: [otlp_http]}}
`
	l, address := startLoki(t), freeAddress(t)
	cdr := "http://" + address + "/cdr"
	at := time.Now().UTC().Add(-time.Minute).Format(time.RFC3339)
	post := func(indices ...int) {
		var records strings.Builder
		for _, index := range indices {
			fmt.Fprintf(&records, `<record type="callStart" time="%s" correlatorIndex="%d"><call id="ca11-%d"/></record>`, at, index, index)
		}
		answer, err := http.Post(cdr, "text/xml", strings.NewReader(`<records session="s">`+records.String()+`</records>`))
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
	}
	c := startLogged(t, cdr, fmt.Sprintf(withoutStorage, address, l.url+"/otlp"))
	post(0, 1)
	c.Kill()
	startLogged(t, cdr, fmt.Sprintf(withoutStorage, address, l.url+"/otlp"))
	post(0, 1, 2)
	require.Equal(t, map[string]int{"s/0": 2, "s/1": 2, "s/2": 1}, l.countBy(t, "log_record_uid", `| cisco_cms_record_type != ""`))
	require.Equal(t, map[string]int{"": 3},
		l.by(t, "", `count(sum by (log_record_uid) (count_over_time({service_name="cisco-meeting-server"} | cisco_cms_record_type != "" [24h])))`))
}

// checkDashboards checks that each query of the dashboards for Loki has a result, except those
// of now.json, which TestNow checks.
func (l *loki) checkDashboards(t *testing.T) {
	queries := 0
	for _, d := range dashboards(t) {
		if d.file != "now.json" {
			queries += len(l.checkDashboard(t, d, 24*time.Hour))
		}
	}
	require.Greater(t, queries, 4)
}

// checkDashboard runs each query of a dashboard for Loki as if the dashboard showed a time range
// of this length that ends now, in at most 25 steps. It checks that each has a result, and returns
// the first series or stream of each.
func (l *loki) checkDashboard(t *testing.T, d dashboard, shown time.Duration) (answers []string) {
	t.Helper()
	step := shown / 24
	for _, q := range queriesOf(d, "loki") {
		// Grafana sets $__interval to the step, so that each record is in one step.
		query := replaceVariables(strings.ReplaceAll(q.expr, "$__interval", fmt.Sprintf("%.0fs", step.Seconds())))
		var result []json.RawMessage
		now := time.Now().Add(time.Second) // the format has no fraction of a second
		l.getJSON(t, "/loki/api/v1/query_range", url.Values{
			"query": {query}, "start": {now.Add(-shown).Format(time.RFC3339)}, "end": {now.Format(time.RFC3339)}, "step": {step.String()},
		}, &result)
		require.NotEmpty(t, result, "%s: %s has no result", q.where, query)
		answers = append(answers, string(result[0]))
	}
	return answers
}
