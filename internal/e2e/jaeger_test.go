package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// jaegerConfig configures a Jaeger that receives OTLP, stores spans in memory and
// answers queries.
const jaegerConfig = `yaml:
receivers: {otlp: {protocols: {grpc: {endpoint: %q}}}}
exporters: {jaeger_storage_exporter: {trace_storage: memory}}
extensions:
  jaeger_storage: {backends: {memory: {memory: {max_traces: 10000}}}}
  jaeger_query: {storage: {traces: memory}, http: {endpoint: %q}, grpc: {endpoint: %q}}
service:
  extensions: [jaeger_storage, jaeger_query]
  telemetry: {metrics: {level: none}, logs: {level: warn}}
  pipelines: {traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}}
`

// jaeger is a running Jaeger.
type jaeger struct {
	t    *testing.T
	url  string
	otlp string
}

// startJaeger starts a Jaeger, which is an OpenTelemetry Collector too.
func startJaeger(t *testing.T) *jaeger {
	t.Helper()
	query := freeAddress(t)
	j := &jaeger{t: t, url: "http://" + query, otlp: freeAddress(t)}
	process, err := otelcol.Start(context.Background(), program(t, "JAEGER"), fmt.Sprintf(jaegerConfig, j.otlp, query, freeAddress(t)))
	require.NoError(t, err)
	t.Cleanup(func() {
		process.Kill()
		if t.Failed() {
			t.Logf("output of Jaeger:\n%s", process.Output())
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, process.Ready(ctx, j.url+"/api/services"))
	require.NoError(t, process.Poll(ctx, func() bool {
		conn, err := net.Dial("tcp", j.otlp)
		return err == nil && conn.Close() == nil
	}))
	return j
}

// getJSON parses the answer of the API to a GET into a value.
func (j *jaeger) getJSON(path string, values url.Values, into any) {
	j.t.Helper()
	text, err := otelcol.Get(j.t.Context(), j.url+path+"?"+values.Encode())
	require.NoError(j.t, err)
	require.NoError(j.t, json.Unmarshal([]byte(text), into), text)
}

// otlpTraces returns the traces in an answer of version 3 of the API, which contains OTLP.
func (j *jaeger) otlpTraces(path string, values url.Values) ptrace.Traces {
	j.t.Helper()
	var answer struct{ Result json.RawMessage }
	j.getJSON("/api/v3/traces"+path, values, &answer)
	traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(answer.Result)
	require.NoError(j.t, err)
	return traces
}

// all returns the traces of all Meeting Servers.
func (j *jaeger) all() ptrace.Traces {
	j.t.Helper()
	now := time.Now()
	return j.otlpTraces("", url.Values{
		"query.service_name":   {"cisco-meeting-server"},
		"query.num_traces":     {"10000"},
		"query.start_time_min": {now.Add(-48 * time.Hour).Format(time.RFC3339)},
		"query.start_time_max": {now.Add(time.Hour).Format(time.RFC3339)},
	})
}

// shownTrace is a trace in an answer of the API that the web page uses.
type shownTrace struct {
	TraceID string
	Spans   []struct {
		SpanID, OperationName string
		Warnings              []string
		References            []struct{ RefType, TraceID, SpanID string }
	}
}

// trace returns the trace that the web page shows for an id.
func (j *jaeger) trace(id string) shownTrace {
	j.t.Helper()
	var answer struct{ Data []shownTrace }
	j.getJSON("/api/traces/"+id, nil, &answer)
	require.Len(j.t, answer.Data, 1)
	return answer.Data[0]
}

// search returns the ids of the traces that the web page finds by tags.
func (j *jaeger) search(tags map[string]string) (ids []string) {
	j.t.Helper()
	text, err := json.Marshal(tags)
	require.NoError(j.t, err)
	var answer struct{ Data []shownTrace }
	j.getJSON("/api/traces", url.Values{
		"service": {"cisco-meeting-server"}, "tags": {string(text)}, "limit": {"10000"},
	}, &answer)
	for _, trace := range answer.Data {
		ids = append(ids, trace.TraceID)
	}
	return ids
}
