package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// TestShow checks that the screen summarises the telemetry that the sink received, and that
// the files have all of it.
func TestShow(t *testing.T) {
	sink, err := listen()
	require.NoError(t, err)
	defer sink.Close()
	_, err = sink.telemetry("")
	require.EqualError(t, err, "the collector exported no spans")
	logs := logsOf(logSpec{event: "call.start", attributes: map[string]any{"call.name": "Round"}}, logSpec{event: "call_leg.update"})
	body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, send(t, sink.URL+"/v1/logs", body))
	body, err = ptraceotlp.NewExportRequestFromTraces(wardRound()[0]).MarshalProto()
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, send(t, sink.URL+"/v1/traces", body))
	require.Equal(t, http.StatusBadRequest, send(t, sink.URL+"/v1/traces", []byte("not protobuf")))

	var metrics strings.Builder
	for _, f := range figures {
		label, value := f.query.label, f.query.value
		if f.query.by != "" {
			label, value = f.query.by, "some"
		}
		if label == "" {
			label = "instance"
		}
		metrics.WriteString(f.query.metric + "{" + label + `="` + value + "\"} 1\n")
	}
	exported, err := sink.telemetry(metrics.String())
	require.NoError(t, err)
	folder := filepath.Join(t.TempDir(), "new", "demo")
	files, err := save(folder, exported)
	require.NoError(t, err)
	require.Len(t, files, 4)
	for n, want := range []string{"event cisco.cms.call_leg.lobby", "cisco.cms.call_leg.update", "cisco_cms_meeting_starts_total", "<svg "} {
		text, err := os.ReadFile(files[n])
		require.NoError(t, err)
		require.Contains(t, string(text), want, files[n])
	}

	var out bytes.Buffer
	require.NoError(t, show(newPage(&out), exported, []string{"a.txt", "b.txt"}))
	for _, want := range []string{
		"01000000000000000000000000000000", "└─ call coSpace", "LOG RECORDS, 1 of 2;", "call.start  Round", "      1 people ", "a.txt  b.txt",
	} {
		require.Contains(t, out.String(), want)
	}
}

func send(t *testing.T, url string, body []byte) int {
	t.Helper()
	answer, err := http.Post(url, "application/x-protobuf", bytes.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

// TestWatcher checks that each record gets a line, which for a leg has the name of its call,
// and that the trace id of each meeting that ended is printed.
func TestWatcher(t *testing.T) {
	var out bytes.Buffer
	w := &watcher{page: newPage(&out)}
	require.NoError(t, w.logs("", logsOf(
		logSpec{event: "call.start", attributes: map[string]any{"call.name": "Round"}},
		logSpec{event: "call_leg.update", attributes: map[string]any{"call_leg.display_name": "Maren", "call.name": "Round"}, body: map[string]any{"ivr": ""}},
	)))
	require.NoError(t, w.traces("", wardRound()[0]))
	require.Equal(t, `12:00:00  Round                       begins
12:00:01  Maren                       is in the voice menu (Round)
12:20:00  Ward round                  is trace 01000000000000000000000000000000
`, out.String())
}

// TestNoCollector checks that the error for a missing collector says how to build it.
func TestNoCollector(t *testing.T) {
	for _, mode := range [][]string{nil, {"-watch"}} {
		err := run(t.Context(), append(mode, "-collector", filepath.Join(t.TempDir(), "none")), io.Discard, io.Discard)
		require.ErrorContains(t, err, "make build")
	}
}

// TestCollectorFails checks that the output of a collector that exits is shown.
func TestCollectorFails(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "collector")
	require.NoError(t, os.WriteFile(broken, []byte("#!/bin/sh\necho no such key: endpiont\nexit 1\n"), 0o700))
	err := run(t.Context(), []string{"-collector", broken}, io.Discard, io.Discard)
	require.ErrorIs(t, err, otelcol.ErrExited)
	require.ErrorContains(t, err, "no such key: endpiont")

	var warnings bytes.Buffer
	err = run(t.Context(), []string{"-watch", "-collector", broken}, io.Discard, &warnings)
	require.ErrorContains(t, err, "the collector exited: exit status 1")
	require.Contains(t, warnings.String(), "no such key: endpiont")
}

// TestUnknownFlag checks that an unknown flag is an error.
func TestUnknownFlag(t *testing.T) {
	require.ErrorContains(t, run(t.Context(), []string{"-unknown"}, io.Discard, io.Discard), "not defined: -unknown")
}
