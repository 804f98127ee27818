package e2e

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// toJaeger configures a collector that saves its state in a folder and exports spans without
// a queue.
const toJaeger = `yaml:
receivers:
  cms_cdr: {http: {endpoint: %q}, storage: file_storage}
exporters:
  otlp_grpc: {endpoint: %q, tls: {insecure: true}, sending_queue: {enabled: false}}
extensions:
  file_storage: {directory: %q}
service:
  extensions: [file_storage]
  telemetry: {metrics: {level: none}, logs: {level: error}}
  pipelines: {traces: {receivers: [cms_cdr], exporters: [otlp_grpc]}}
`

// TestJaeger checks that a real Jaeger has each meeting as one complete tree and finds it,
// although Call Bridges and the collector restart in the middle. If the environment variable
// PICTURE names a file, the tree of a meeting is written to it.
func TestJaeger(t *testing.T) {
	j, address := startJaeger(t), freeAddress(t)
	_, want := playRestarted(t, "http://"+address+"/cdr", fmt.Sprintf(toJaeger, address, j.otlp, t.TempDir()))
	f := newForest(j.all())
	f.checkNumbers(t, want)
	f.checkTrees(t)
	f.checkLegs(t)
	f.checkLinks(t)
	j.checkFound(f, want)
	j.checkSearch(f)
	j.checkShown(f)
	if file := os.Getenv("PICTURE"); file != "" {
		require.NoError(t, os.WriteFile(file, []byte(j.drawing(f)), 0o600))
	}
}

// checkFound checks that Jaeger finds a meeting by the GUID of its first call, which is the
// trace id, and that any other call of a meeting is below a span meeting.
func (j *jaeger) checkFound(f forest, want expect.Counts) {
	j.t.Helper()
	spans := f.by("cisco.cms.call.id", "call")
	first, joined := 0, 0
	for _, guid := range want.EndedCalls {
		span, found := spans[guid]
		require.True(j.t, found, guid)
		if span.TraceID().String() != strings.ReplaceAll(guid, "-", "") {
			joined++
			require.Equal(j.t, "meeting", f.parent(span).Name(), guid)
			continue
		}
		first++
		trace := j.trace(strings.ReplaceAll(guid, "-", ""))
		require.Len(j.t, trace.Spans, len(f[span.TraceID()]), guid)
	}
	require.Greater(j.t, first, 50)
	require.Greater(j.t, joined, 5)
}

// checkSearch checks that the search by tag finds the meetings.
func (j *jaeger) checkSearch(f forest) {
	j.t.Helper()
	for _, tag := range []string{
		"cisco.cms.cospace.id", "cisco.cms.call_leg.reason", "cisco.cms.call.name", "cisco.cms.call_leg.outcome",
		"cisco.cms.call_leg.display_name", "cisco.cms.call_leg.id", "cisco.cms.recording.path", "error.type",
	} {
		idsByValue := map[string][]string{} // trace ids by the value of the tag
		for id, spans := range f {
			values := map[string]bool{}
			for _, span := range spans {
				values[text(span, tag)] = true
			}
			for value := range values {
				idsByValue[value] = append(idsByValue[value], id.String())
			}
		}
		delete(idsByValue, "")
		require.NotEmpty(j.t, idsByValue, tag)
		values := slices.Sorted(maps.Keys(idsByValue))
		// A tag can have many values, and 20 of them are enough.
		for _, value := range values[:min(len(values), 20)] {
			// Jaeger also searches the attributes of events, so it can find more traces.
			require.Subset(j.t, j.search(map[string]string{tag: value}), idsByValue[value], "%s %s", tag, value)
		}
	}
	require.Empty(j.t, j.search(map[string]string{"cisco.cms.cospace.id": "none"}))
}

// harmless matches Jaeger's warnings about correct spans. A leg that begins before its
// call, in the voice menu, looks like a wrong clock, which Jaeger does not adjust by
// default. A span of 0 s is extended to a nanosecond; of a span that ends before its start,
// which is not correct, the two times in the warning differ.
var harmless = regexp.MustCompile(`^(clock skew adjustment disabled; |Negative duration detected, .* timestamp: (.*) \+0000 UTC, adjusted to: (.*)\.000000001 \+0000 UTC$)`)

// checkShown checks that Jaeger has only harmless warnings, that links are references, and
// that there are few operations.
func (j *jaeger) checkShown(f forest) {
	j.t.Helper()
	references := 0
	for id := range f {
		for _, span := range j.trace(id.String()).Spans {
			for _, warning := range span.Warnings {
				match := harmless.FindStringSubmatch(warning)
				require.NotNil(j.t, match, "%s %s %s: %s", id, span.SpanID, span.OperationName, warning)
				require.Equal(j.t, match[2], match[3], "%s %s %s: %s", id, span.SpanID, span.OperationName, warning)
			}
			for _, reference := range span.References {
				if reference.RefType == "FOLLOWS_FROM" {
					references++
				}
			}
		}
	}
	require.Positive(j.t, references)
	var operations struct{ Data []string }
	j.getJSON("/api/services/cisco-meeting-server/operations", nil, &operations)
	require.Subset(j.t, operations.Data, []string{"meeting", "call coSpace", "participant incoming", "participant outgoing", "recorder outgoing", "recording"})
	require.Less(j.t, len(operations.Data), 25)
}

// drawing returns the tree of the meeting that comes closest to having two calls, a
// recording, a moved participant and no incomplete span; of several, the one with the
// fewest spans.
func (j *jaeger) drawing(f forest) string {
	var best pcommon.TraceID
	bestScore := -1_000_000
	for id, spans := range f {
		counts := map[string]int{}
		for _, span := range spans {
			counts[kindOf(span)]++
			for _, link := range span.Links().All() {
				counts[text(link, "cisco.cms.link.reason")]++
			}
			if text(span, "cisco.cms.incomplete.reason") != "" {
				counts["incomplete"]++
			}
		}
		score := min(counts["call"], 2) + min(counts["recording"], 1) + min(counts["moved_from"], 1) - 3*min(counts["incomplete"], 1)
		score = 1000*score - len(spans)
		if score > bestScore || score == bestScore && id.String() < best.String() {
			best, bestScore = id, score
		}
	}
	traces := j.otlpTraces("/"+best.String(), nil)
	for _, span := range newForest(traces)[best] {
		// Jaeger returns events sorted by name. This sorts them by time; for events of the
		// same time, the reverse order of names is the right one.
		span.Events().Sort(func(a, b ptrace.SpanEvent) bool {
			return a.Timestamp() < b.Timestamp() || a.Timestamp() == b.Timestamp() && a.Name() > b.Name()
		})
	}
	var w strings.Builder
	printed.Tree(&w, []ptrace.Traces{traces})
	return w.String()
}
