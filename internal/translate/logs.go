package translate

import (
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// Logs writes the log records of one document. It is used by one goroutine and
// for one document. To nil logs everything can be given, and nothing is written.
type Logs struct {
	session  string
	resource pcommon.Resource
	observed pcommon.Timestamp
	original bool
	logs     plog.Logs
	records  plog.LogRecordSlice
	// entries say what each of the log records is of.
	entries []entry
	scratch attributes
	// told reports whether the receiver's own observation of that uid was written
	// before.
	told func(uid string) bool
	own  []string
}

// NewLogs starts the log records of a document: of that session, received then.
// With original, each keeps its record's XML. Of the receiver's own observations
// those that told reports, by their log.record.uid, are left out.
func NewLogs(resource pcommon.Resource, session string, received time.Time, original bool, told func(uid string) bool) *Logs {
	l := &Logs{
		session: session, resource: resource, observed: pcommon.NewTimestampFromTime(received), original: original, told: told,
		logs: newLogs(resource),
	}
	l.records = recordsOf(l.logs)
	return l
}

// newLogs returns logs of that resource without a log record.
func newLogs(resource pcommon.Resource) plog.Logs {
	logs := plog.NewLogs()
	of := logs.ResourceLogs().AppendEmpty()
	resource.CopyTo(of.Resource())
	of.ScopeLogs().AppendEmpty().Scope().SetName(ScopeName)
	return logs
}

func recordsOf(logs plog.Logs) plog.LogRecordSlice {
	return logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
}

// Own are the uids of the receiver's own observations that the document shows,
// those that were left out included.
func (l *Logs) Own() []string {
	if l == nil {
		return nil
	}
	return l.own
}

// Len is the number of log records so far.
func (l *Logs) Len() int {
	if l == nil {
		return 0
	}
	return l.records.Len()
}

// Record writes a record, which means effect.
func (l *Logs) Record(record *cdr.Record, effect *correlate.Effect) {
	if l == nil {
		return
	}
	out := l.append(record.Time, severity(record.Body), eventName(record))
	l.entries = append(l.entries, entry{index: record.CorrelatorIndex})
	if !effect.Trace.IsEmpty() {
		out.SetTraceID(effect.Trace)
		out.SetSpanID(effect.Span)
	}
	a := &l.scratch
	a.text("log.record.uid", l.uid(record))
	a.text("cisco.cms.record.type", bounded(record.Type))
	a.int("cisco.cms.record.correlator_index", int64(record.CorrelatorIndex))
	if record.Index.Present {
		a.int("cisco.cms.record.index", int64(record.Index.Value))
	}
	if record.PrecedingMissing.Present {
		a.int("cisco.cms.record.preceding_missing", int64(record.PrecedingMissing.Value))
	}
	a.text("cisco.cms.session.id", l.session)
	if record.Body == nil {
		a.text("cisco.cms.record.element", bounded(record.Element))
	}
	ids(a, record)
	a.text("cisco.cms.call.name", effect.CallName)
	if effect.Leg != nil {
		a.text("cisco.cms.call_leg.role", correlate.Role(&effect.Leg.CallLeg))
	}
	if end, ok := record.Body.(*cdr.CallLegEnd); ok {
		a.text("cisco.cms.call_leg.reason", bounded(end.Reason))
		a.text("cisco.cms.call_leg.outcome", outcome(end))
	}
	for _, attribute := range record.Attributes[:min(len(record.Attributes), maxUnknown)] {
		a.text("cisco.cms.extra.record."+attribute.Name, attribute.Value)
	}
	a.moveTo(out.Attributes())
	writeBody(record.Nodes, out.Body().SetEmptyMap())
	if l.original {
		out.Attributes().PutStr("log.record.original", fitting(out, record.Raw))
	}
}

// fitting is the record's XML, cut where the log record would not fit in a payload: one
// that is made of bad characters grows to three times its size.
func fitting(out plog.LogRecord, raw string) string {
	raw = strings.ToValidUTF8(raw, "\uFFFD")
	const small = 64 << 10
	if len(raw) <= small {
		return raw
	}
	var size plog.ProtoMarshaler
	room := max(MaxPayload-maxBase-size.LogRecordSize(out), 0)
	return strings.ToValidUTF8(raw[:min(len(raw), room)], "")
}

// maxUnknown bounds the attributes of <record> that the guide does not list.
const maxUnknown = 32

// outcome is absent where the reason is.
func outcome(end *cdr.CallLegEnd) string {
	if end.Reason == "" {
		return ""
	}
	return correlate.EndingOf(end.Reason).Outcome
}

func (l *Logs) append(at time.Time, severity plog.SeverityNumber, event string) plog.LogRecord {
	out := l.records.AppendEmpty()
	out.SetTimestamp(pcommon.NewTimestampFromTime(at))
	out.SetObservedTimestamp(l.observed)
	out.SetSeverityNumber(severity)
	out.SetSeverityText(strings.ToUpper(severity.String()))
	out.SetEventName(event)
	return out
}

func (l *Logs) uid(record *cdr.Record) string {
	var digits [20]byte
	return l.session + "/" + string(strconv.AppendUint(digits[:0], record.CorrelatorIndex, 10))
}

// eventNames by record type.
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
		if end.Alarms[i].DurationPercentage.Value > 0 {
			return plog.SeverityNumberWarn
		}
	}
	if correlate.EndingOf(end.Reason).Outcome == correlate.OutcomeFailed {
		return plog.SeverityNumberWarn
	}
	return plog.SeverityNumberInfo
}

// ids are those that the record names.
func ids(a *attributes, record *cdr.Record) {
	switch body := record.Body.(type) {
	case *cdr.CallStart, *cdr.CallEnd:
		a.text("cisco.cms.call.id", record.ID)
	case *cdr.CallLegStart:
		legIDs(a, record.ID, body.Call)
	case *cdr.CallLegUpdate:
		legIDs(a, record.ID, body.Call)
	case *cdr.CallLegEnd:
		legIDs(a, record.ID, body.Call)
	case *cdr.RecordingStart:
		captureIDs(a, "cisco.cms.recording.id", record.ID, body.Call, body.CallLeg)
	case *cdr.RecordingEnd:
		captureIDs(a, "cisco.cms.recording.id", record.ID, body.Call, body.CallLeg)
	case *cdr.StreamingStart:
		captureIDs(a, "cisco.cms.streaming.id", record.ID, body.Call, body.CallLeg)
	case *cdr.StreamingEnd:
		captureIDs(a, "cisco.cms.streaming.id", record.ID, body.Call, body.CallLeg)
	}
}

func legIDs(a *attributes, leg, call string) {
	a.text("cisco.cms.call.id", bounded(call))
	a.text("cisco.cms.call_leg.id", bounded(leg))
}

func captureIDs(a *attributes, key, id, call, leg string) {
	a.text(key, id)
	a.text("cisco.cms.call.id", bounded(call))
	a.text("cisco.cms.call_leg.id", bounded(leg))
}
