package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// lokiConfig configures a Loki that stores everything in a folder, accepts records of
// any age, and returns them at once.
const lokiConfig = `
auth_enabled: false
analytics: {reporting_enabled: false}
server:
  {http_listen_address: 127.0.0.1, http_listen_port: %s, grpc_listen_address: 127.0.0.1, grpc_listen_port: %s, log_level: warn}
common:
  instance_addr: 127.0.0.1
  path_prefix: %[3]s
  replication_factor: 1
  ring: {instance_addr: 127.0.0.1, kvstore: {store: inmemory}}
  storage: {filesystem: {chunks_directory: %[3]s/chunks, rules_directory: %[3]s/rules}}
schema_config:
  configs: [{from: "2020-01-01", store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]
ingester: {lifecycler: {min_ready_duration: 0s}}
querier: {query_ingesters_within: 0s}
limits_config: {reject_old_samples: false, max_entries_limit_per_query: 100000}
`

// loki is a running Loki.
type loki struct{ url string }

func startLoki(t *testing.T) *loki {
	t.Helper()
	folder, port := t.TempDir(), freePort(t)
	config := filepath.Join(folder, "loki.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, lokiConfig, port, freePort(t), folder), 0o600))
	run(t, "LOKI", "-config.file="+config)
	l := &loki{url: "http://127.0.0.1:" + port}
	require.Eventually(t, func() bool {
		_, err := otelcol.Get(t.Context(), l.url+"/ready")
		return err == nil
	}, 2*time.Minute, 100*time.Millisecond, "Loki is not ready")
	return l
}

// getJSON parses the result of a request to the API into a value.
func (l *loki) getJSON(t *testing.T, path string, values url.Values, into any) {
	t.Helper()
	text, err := otelcol.Get(t.Context(), l.url+path+"?"+values.Encode())
	require.NoError(t, err, values)
	var answer struct {
		Data struct{ Result json.RawMessage }
	}
	require.NoError(t, json.Unmarshal([]byte(text), &answer), text)
	require.NoError(t, json.Unmarshal(answer.Data.Result, into), text)
}

// by returns the values of a query, in whole numbers, by a label.
func (l *loki) by(t *testing.T, label, logQL string) map[string]int {
	t.Helper()
	var result []sample
	l.getJSON(t, "/loki/api/v1/query", url.Values{"query": {logQL}}, &result)
	values := map[string]int{}
	for _, s := range result {
		value, err := strconv.ParseFloat(s.Value[1].(string), 64)
		require.NoError(t, err)
		values[s.Metric[label]] = int(value)
	}
	return values
}

// countBy counts the log records of Meeting Server by a label, after an optional
// stage of LogQL.
func (l *loki) countBy(t *testing.T, label, stage string) map[string]int {
	t.Helper()
	return l.by(t, label, fmt.Sprintf(`sum by (%s) (count_over_time({service_name="cisco-meeting-server"} %s [24h]))`, label, stage))
}

// line is a log record in an answer of Loki, with its attributes as labels.
type line struct {
	labels map[string]string
	body   string
}

// lines returns the log records of Meeting Server of the last day, after a stage of
// LogQL.
func (l *loki) lines(t *testing.T, stage string) []line {
	t.Helper()
	return l.linesSince(t, 24*time.Hour, `{service_name="cisco-meeting-server"} `+stage)
}

// linesSince returns the result of a query over the records up to an age.
func (l *loki) linesSince(t *testing.T, age time.Duration, query string) (all []line) {
	t.Helper()
	var result []struct {
		Stream map[string]string
		Values [][2]string
	}
	now := time.Now()
	l.getJSON(t, "/loki/api/v1/query_range", url.Values{
		"query": {query}, "limit": {"100000"},
		"start": {now.Add(-age).Format(time.RFC3339)}, "end": {now.Add(time.Hour).Format(time.RFC3339)},
	}, &result)
	for _, stream := range result {
		for _, value := range stream.Values {
			all = append(all, line{stream.Stream, value[1]})
		}
	}
	return all
}
