package translate

import (
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/sdk/instrumentation"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// Logs creates the log records of one transaction, or snapshots of calls. It is not safe
// for concurrent use. A nil *Logs has no log records and no payloads, and its methods
// Record, SessionStart and Gap do nothing.
type Logs struct {
	scope           instrumentation.Scope
	session         string
	resource        pcommon.Resource
	observedAt      pcommon.Timestamp
	includeOriginal bool
	logs            plog.Logs
	records         plog.LogRecordSlice
	// entries identify the log records, in the same order.
	entries []entry
	// maxSize is an upper bound of the size of the log records in bytes, encoded as
	// protobuf. The exact size is expensive, because it needs every field. For snapshots
	// maxSize is MaxPayload and no bound, so that Payloads determines the exact size.
	maxSize int
	// skip reports whether the observation with a uid was accepted or dropped before.
	// It is nil for snapshots.
	skip            func(uid string) bool
	observationUIDs []string
}

// NewLogs returns Logs without a log record, for records of a session that were received
// at the given time. If includeOriginal is set, each log record has the XML of its CDR
// record. Observations for which skip returns true are left out.
func NewLogs(
	scope instrumentation.Scope, resource pcommon.Resource, session string, received time.Time,
	includeOriginal bool, skip func(uid string) bool,
) *Logs {
	l := &Logs{
		scope: scope, session: session, resource: resource, observedAt: pcommon.NewTimestampFromTime(received), includeOriginal: includeOriginal, skip: skip,
		logs: newLogs(scope, resource),
	}
	l.records = recordsOf(l.logs)
	return l
}

// newLogs returns logs of the resource without a log record.
func newLogs(scope instrumentation.Scope, resource pcommon.Resource) plog.Logs {
	logs := plog.NewLogs()
	resourceLogs := logs.ResourceLogs().AppendEmpty()
	resourceLogs.SetSchemaUrl(scope.SchemaURL)
	resource.CopyTo(resourceLogs.Resource())
	scopeLogs := resourceLogs.ScopeLogs().AppendEmpty()
	scopeLogs.SetSchemaUrl(scope.SchemaURL)
	writeScope(scopeLogs.Scope(), scope)
	return logs
}

func recordsOf(logs plog.Logs) plog.LogRecordSlice {
	return logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
}

// ObservationUIDs returns the uids of the observations, including those that were left
// out.
func (l *Logs) ObservationUIDs() []string {
	if l == nil {
		return nil
	}
	return l.observationUIDs
}

// Len returns the number of log records.
func (l *Logs) Len() int {
	if l == nil {
		return 0
	}
	return l.records.Len()
}

// Record adds the log record of a CDR record. effect is what the record changed.
func (l *Logs) Record(record *cdr.Record, effect *correlate.Effect) {
	if l == nil {
		return
	}
	out := l.appendRecord(record.Time, severity(record.Body), eventName(record))
	l.entries = append(l.entries, entry{index: record.CorrelatorIndex})
	if !effect.Trace.IsEmpty() {
		out.SetTraceID(effect.Trace)
		out.SetSpanID(effect.Span)
	}
	a := newAttributes()
	a.text("log.record.uid", l.uid(record))
	a.text("cisco.cms.record.type", record.Type)
	a.int("cisco.cms.record.correlator_index", int64(record.CorrelatorIndex))
	if record.RecordIndex.Present {
		a.int("cisco.cms.record.index", int64(record.RecordIndex.Value))
	}
	if record.PrecedingMissing.Present {
		a.int("cisco.cms.record.preceding_missing", int64(record.PrecedingMissing.Value))
	}
	a.text("cisco.cms.session.id", l.session)
	if record.Body == nil {
		a.text("cisco.cms.record.element", record.Element)
	}
	writeSubject(a, record, effect)
	a.addUnknown("cisco.cms.extra.record.", record.Attributes)
	l.writeAttributes(out, a)
	writeBody(record.Nodes, out.Body().SetEmptyMap())
	l.maxSize += maxBodySize(record.Nodes)
	if l.includeOriginal {
		original := truncateOriginal(out, record.Raw)
		out.Attributes().PutStr("log.record.original", original)
		l.maxSize += len(original)
	}
}

// truncateOriginal returns the record's XML, truncated if the log record would not fit
// in a payload. U+FFFD replaces invalid bytes and has three bytes itself, so the XML can
// become longer.
func truncateOriginal(out plog.LogRecord, raw string) string {
	raw = strings.ToValidUTF8(raw, "\uFFFD")
	const alwaysFits = 64 << 10 // bytes
	if len(raw) <= alwaysFits {
		return raw
	}
	var marshaler plog.ProtoMarshaler
	available := max(MaxPayload-maxEmptySize-marshaler.LogRecordSize(out), 0)
	return strings.ToValidUTF8(raw[:min(len(raw), available)], "")
}

func (l *Logs) appendRecord(at time.Time, severity plog.SeverityNumber, event string) plog.LogRecord {
	out := l.records.AppendEmpty()
	out.SetTimestamp(pcommon.NewTimestampFromTime(at))
	out.SetObservedTimestamp(l.observedAt)
	out.SetSeverityNumber(severity)
	out.SetSeverityText(severityTexts[severity])
	out.SetEventName(event)
	// fixed is an upper bound in bytes of what is not counted elsewhere: the fields above, the trace
	// id and the span id, the key of log.record.original, and the tags and lengths around them.
	const fixed = 256
	l.maxSize += fixed
	return out
}

func (l *Logs) writeAttributes(out plog.LogRecord, a *attributes) {
	l.maxSize += a.maxEncodedSize()
	a.writeTo(out.Attributes())
}

// uid returns the log.record.uid of a CDR record, which is the same when it is sent again.
func (l *Logs) uid(record *cdr.Record) string {
	var digits [20]byte
	return l.session + "/" + string(strconv.AppendUint(digits[:0], record.CorrelatorIndex, 10))
}

// severityTexts maps the severities that the receiver uses to their texts.
var severityTexts = map[plog.SeverityNumber]string{
	plog.SeverityNumberInfo: "INFO", plog.SeverityNumberWarn: "WARN", plog.SeverityNumberError: "ERROR",
}

// eventNames maps record types to event names.
var eventNames = map[string]string{
	"callStart":      "cisco.cms.call.start",
	"callEnd":        "cisco.cms.call.end",
	"callLegStart":   "cisco.cms.call_leg.start",
	"callLegUpdate":  "cisco.cms.call_leg.update",
	"callLegEnd":     "cisco.cms.call_leg.end",
	"recordingStart": "cisco.cms.recording.start",
	"recordingEnd":   "cisco.cms.recording.end",
	"streamingStart": "cisco.cms.streaming.start",
	"streamingEnd":   "cisco.cms.streaming.end",
}

func eventName(record *cdr.Record) string {
	if name, ok := eventNames[record.Type]; ok {
		return name
	}
	return "cisco.cms.record"
}

func severity(body cdr.Body) plog.SeverityNumber {
	end, ok := body.(*cdr.CallLegEnd)
	if !ok {
		return plog.SeverityNumberInfo
	}
	for i := range end.Alarms {
		if end.Alarms[i].Happened() {
			return plog.SeverityNumberWarn
		}
	}
	if correlate.EndingOf(end.Reason).Outcome == correlate.OutcomeFailed {
		return plog.SeverityNumberWarn
	}
	return plog.SeverityNumberInfo
}
