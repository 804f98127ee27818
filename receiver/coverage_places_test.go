package cmscdrreceiver

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// fieldChecker looks for the fields of one entity in the telemetry of the rig.
type fieldChecker struct {
	rig      *rig
	id, kind string
}

// checkLog checks that the entity's log record of that type has the field where
// docs/coverage.md says.
func (f *fieldChecker) checkLog(t *testing.T, recordType string, row coverageRow) {
	label := row.record + " " + row.field
	record, resource := f.logRecord(t, recordType)
	switch place := strings.Trim(row.log, "`"); {
	case place == "body":
		value, ok := record.Body(), true
		for _, step := range strings.Split(row.field, "/") {
			if value.Type() == pcommon.ValueTypeSlice {
				value = value.Slice().At(0)
			}
			value, ok = value.Map().Get(step)
			require.True(t, ok, label)
		}
		require.Equal(t, row.example, value.AsString(), label)
	case place == "timestamp":
		require.Equal(t, row.example, record.Timestamp().AsTime().Format("2006-01-02T15:04:05Z07:00"))
	case strings.HasPrefix(place, "resource "):
		requireAttribute(t, label, resource, strings.TrimPrefix(place, "resource `"), row.example)
	default:
		requireAttribute(t, label, record.Attributes(), place, row.example)
	}
}

// logRecord returns the entity's log record of that type, and its resource
// attributes.
func (f *fieldChecker) logRecord(t *testing.T, recordType string) (plog.LogRecord, pcommon.Map) {
	for _, logs := range f.rig.logs.AllLogs() {
		resource := logs.ResourceLogs().At(0)
		for _, record := range resource.ScopeLogs().At(0).LogRecords().All() {
			if textOf(record.Attributes(), "cisco.cms.record.type") == recordType && textOf(record.Body().Map(), "id") == f.id {
				return record, resource.Resource().Attributes()
			}
		}
	}
	require.Fail(t, "the entity must have a log record", "%s %s", recordType, f.id)
	return plog.LogRecord{}, pcommon.Map{}
}

// cellPattern matches a cell of the table: an attribute, event, resource attribute or
// metric, and the value if that differs from the example.
var cellPattern = regexp.MustCompile("^(event |resource |)`([^`]+)`(?: = `([^`]+)`)?$")

// checkSpan checks that the entity's span has the field where docs/coverage.md says. Only
// four attributes of <record> have no place in a span.
func (f *fieldChecker) checkSpan(t *testing.T, row coverageRow) {
	label := row.record + " " + row.field
	span, resource := f.entitySpan(t)
	switch row.span {
	case "":
		withoutPlace := []string{"record type", "record correlatorIndex", "record recordIndex", "record numPreceedingRecordsMissing"}
		require.Contains(t, withoutPlace, label, "docs/coverage.md must name the place of the field in the span")
		return
	case "end":
		require.Equal(t, row.example, span.EndTimestamp().AsTime().Format("2006-01-02T15:04:05Z07:00"))
		return
	}
	parts := cellPattern.FindStringSubmatch(row.span)
	require.NotNil(t, parts, row.span)
	want := row.example
	if parts[3] != "" {
		want = parts[3]
	} else if isRatio(parts[2]) {
		want = ratio(t, want)
	}
	switch parts[1] {
	case "event ":
		names := []string{}
		for _, event := range span.Events().All() {
			names = append(names, event.Name())
		}
		require.Contains(t, names, parts[2], label)
	case "resource ":
		requireAttribute(t, label, resource, parts[2], want)
	default:
		requireAttribute(t, label, span.Attributes(), parts[2], want)
	}
}

// entitySpan returns the entity's span and its resource attributes.
func (f *fieldChecker) entitySpan(t *testing.T) (ptrace.Span, pcommon.Map) {
	for _, traces := range f.rig.traces.AllTraces() {
		resource := traces.ResourceSpans().At(0)
		for _, span := range resource.ScopeSpans().At(0).Spans().All() {
			if textOf(span.Attributes(), "cisco.cms."+f.kind+".id") == f.id && printed.Kind(span.Name()) == f.kind {
				return span, resource.Resource().Attributes()
			}
		}
	}
	require.Fail(t, "the entity must have a span", "%s %s", f.kind, f.id)
	return ptrace.Span{}, pcommon.Map{}
}

// checkMetric checks that a data point of the metric has the example, or the value that
// the row gives instead, as an attribute, as its value or as its sum. If there is
// neither, it checks only that the metric has data points.
func (f *fieldChecker) checkMetric(t *testing.T, row coverageRow) {
	if row.metric == "" {
		return
	}
	parts := cellPattern.FindStringSubmatch(row.metric)
	require.NotNil(t, parts, row.metric)
	if parts[1] == "resource " {
		requireAttribute(t, row.field, f.rig.series().ResourceMetrics().At(0).Resource().Attributes(), parts[2], row.example)
		return
	}
	want := row.example
	if parts[3] != "" {
		want = parts[3]
	} else if isRatio(parts[2]) {
		want = ratio(t, want)
	}
	matched, points := false, 0
	f.rig.eachPoint(parts[2], func(attributes pcommon.Map, value int, sum float64) {
		points++
		for _, attribute := range attributes.All() {
			matched = matched || value > 0 && attribute.AsString() == want
		}
		matched = matched || strconv.Itoa(value) == want || strconv.FormatFloat(sum, 'g', -1, 64) == want
	})
	require.Positive(t, points, "%s must have data points", parts[2])
	require.True(t, matched || want == "", "%s %s: a data point of %s must have %s", row.record, row.field, parts[2], want)
}

// isRatio reports whether the attribute or metric is a ratio where the guide has a
// percentage.
func isRatio(name string) bool {
	return strings.HasPrefix(name, "cisco.cms.media.utilization") || strings.HasSuffix(name, ".duration_ratio")
}

// ratio returns a percentage of the guide as the ratio that is emitted.
func ratio(t *testing.T, percentage string) string {
	value, err := strconv.ParseFloat(percentage+"e-2", 64)
	require.NoError(t, err)
	return strconv.FormatFloat(value, 'g', -1, 64)
}

func requireAttribute(t *testing.T, label string, attributes pcommon.Map, key, want string) {
	t.Helper()
	value, ok := attributes.Get(key)
	require.True(t, ok, "%s: there must be an attribute %s", label, key)
	require.Equal(t, want, value.AsString(), "%s: attribute %s", label, key)
}

// textOf returns a value of a map as text, empty if the key is missing.
func textOf(values pcommon.Map, key string) string {
	if value, ok := values.Get(key); ok {
		return value.AsString()
	}
	return ""
}
