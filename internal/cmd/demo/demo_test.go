package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

func TestTotal(t *testing.T) {
	text := "# HELP legs ends\nlegs_total{a=\"1}\"} 2\nlegs_total{a=\"2\"} 3\nlegs_total_more{} 100\nother{} 7\n"
	require.Equal(t, 5, total(text, "legs_total"))
	require.Zero(t, total(text, "absent"))
}

// TestShow: what was sent to the sink is printed, and of the metrics what is ours.
func TestShow(t *testing.T) {
	sink, err := listen()
	require.NoError(t, err)
	defer sink.Close()

	logs := plog.NewLogs()
	logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().SetEventName("cisco.cms.call.start")
	body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, send(t, sink.URL+"/v1/logs", body))

	traces := ptrace.NewTraces()
	span := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetName("call coSpace")
	span.SetTraceID([16]byte{1})
	span.SetSpanID([8]byte{2})
	body, err = ptraceotlp.NewExportRequestFromTraces(traces).MarshalProto()
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, send(t, sink.URL+"/v1/traces", body))
	require.Equal(t, http.StatusBadRequest, send(t, sink.URL+"/v1/traces", []byte("rubbish")))

	var out bytes.Buffer
	show(&out, sink, "cisco_cms_call_starts_total{} 1\ncisco_cms_call_duration_seconds_bucket{le=\"5\"} 1\ngo_threads 7\n")
	require.Contains(t, out.String(), "trace 01000000000000000000000000000000")
	require.Contains(t, out.String(), "└─ call coSpace")
	require.Contains(t, out.String(), "cisco.cms.call.start")
	require.Contains(t, out.String(), "cisco_cms_call_starts_total{} 1")
	require.NotContains(t, out.String(), "_bucket")
	require.NotContains(t, out.String(), "go_threads")
}

func send(t *testing.T, url string, body []byte) int {
	t.Helper()
	answer, err := http.Post(url, "application/x-protobuf", bytes.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

// TestNoCollector: whoever forgot to build is told how.
func TestNoCollector(t *testing.T) {
	err := run(t.Context(), []string{"-collector", filepath.Join(t.TempDir(), "none")}, new(bytes.Buffer))
	require.ErrorContains(t, err, "make build")
}

// TestCollectorFails: what the collector said is passed on.
func TestCollectorFails(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "collector")
	require.NoError(t, os.WriteFile(broken, []byte("#!/bin/sh\necho no such key: endpiont\nexit 1\n"), 0o700))
	err := run(t.Context(), []string{"-collector", broken}, new(bytes.Buffer))
	require.ErrorIs(t, err, otelcol.ErrEnded)
	require.ErrorContains(t, err, "no such key: endpiont")

	require.Error(t, run(t.Context(), strings.Fields("-unknown"), new(bytes.Buffer)))
}
