package translate

import (
	"iter"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// MaxPayload is the highest size in bytes, encoded as protobuf, of a payload of several
// items. By default the Kafka exporter accepts messages of up to 1,000,000 bytes, and OTLP
// over gRPC of up to 4 MiB. Both refuse larger ones permanently.
const MaxPayload = 900_000

// LogsPayload is what a logs pipeline gets in one call.
type LogsPayload struct {
	Logs plog.Logs
	// Indices are the correlator indices of the CDR records in the payload.
	Indices []uint64
	// ObservationUIDs are the uids of the observations in the payload.
	ObservationUIDs []string
}

// Len returns the number of log records.
func (p *LogsPayload) Len() int { return len(p.Indices) + len(p.ObservationUIDs) }

// SpanKey identifies a span. If the end record of an entity arrives after the entity was
// closed incomplete, a second span with the same span id is emitted. Only the first has a
// reason. An entity that is closed incomplete, opened again by a newer record and closed
// incomplete again has two spans with a reason; LastIndex distinguishes them.
type SpanKey struct {
	Trace      pcommon.TraceID
	Span       pcommon.SpanID
	Incomplete correlate.Reason
	// LastIndex is the index of the latest record about the entity, or about the last call of a
	// meeting, if there is a reason, else 0.
	LastIndex uint64
}

// TracesPayload is what a traces pipeline gets in one call.
type TracesPayload struct {
	Traces ptrace.Traces
	// Spans identify the spans in the payload, in the same order.
	Spans []SpanKey
}

// Len returns the number of spans.
func (p *TracesPayload) Len() int { return len(p.Spans) }

// entry identifies a log record: that of a CDR record by its index, that of an
// observation by its uid.
type entry struct {
	index uint64
	uid   string
}

// Payloads yields the log records in payloads of at most MaxPayload bytes, or one by
// one if single is set. It moves them, so it can be used once.
func (l *Logs) Payloads(single bool) iter.Seq[LogsPayload] {
	return func(yield func(LogsPayload) bool) {
		var marshaler plog.ProtoMarshaler
		if l.Len() == 0 {
			return
		}
		if !single && (l.maxSize+maxEmptySize <= MaxPayload || marshaler.LogsSize(l.logs) <= MaxPayload) {
			yield(logsPayload(l.logs, l.entries))
			return
		}
		from := 0
		for _, to := range payloadEnds(l.records.Len(), single, marshaler.LogsSize(newLogs(l.scope, l.resource)), func(i int) int {
			return marshaler.LogRecordSize(l.records.At(i))
		}) {
			part := newLogs(l.scope, l.resource)
			into := recordsOf(part)
			into.EnsureCapacity(to - from)
			for i := from; i < to; i++ {
				l.records.At(i).MoveTo(into.AppendEmpty())
			}
			if !yield(logsPayload(part, l.entries[from:to])) {
				return
			}
			from = to
		}
	}
}

func logsPayload(logs plog.Logs, entries []entry) LogsPayload {
	p := LogsPayload{Logs: logs, Indices: make([]uint64, 0, len(entries))}
	for _, e := range entries {
		if e.uid != "" {
			p.ObservationUIDs = append(p.ObservationUIDs, e.uid)
		} else {
			p.Indices = append(p.Indices, e.index)
		}
	}
	return p
}

// Payloads yields the spans in payloads of at most MaxPayload bytes, or one by one if
// single is set. It moves them, so it can be used once.
func (t *Traces) Payloads(single bool) iter.Seq[TracesPayload] {
	return func(yield func(TracesPayload) bool) {
		if t.Len() == 0 {
			return
		}
		if !single && t.size+maxEmptySize <= MaxPayload {
			yield(TracesPayload{Traces: t.traces, Spans: t.keys})
			return
		}
		from := 0
		for _, to := range payloadEnds(len(t.sizes), single, t.emptySize(), func(i int) int { return t.sizes[i] }) {
			part := newTraces(t.scope, t.resource)
			into := spansOf(part)
			into.EnsureCapacity(to - from)
			for i := from; i < to; i++ {
				t.spans.At(i).MoveTo(into.AppendEmpty())
			}
			if !yield(TracesPayload{Traces: part, Spans: t.keys[from:to]}) {
				return
			}
			from = to
		}
	}
}

// itemOverhead is an upper bound of the size in bytes of an item's tag and length in its
// payload.
const itemOverhead = 6

// lengthOverhead is an upper bound of how many bytes longer the length fields of the two
// messages around the items, such as ResourceSpans and ScopeSpans, are in a payload with
// items than in an empty one.
const lengthOverhead = 16

// payloadEnds distributes n items to payloads. It returns the index after the last item
// of each payload. base is the size of an empty payload in bytes. An item above the limit
// gets a payload of its own.
func payloadEnds(n int, single bool, base int, size func(i int) int) (ends []int) {
	used := base + lengthOverhead
	for i := range n {
		item := size(i) + itemOverhead
		if (single || used+item > MaxPayload) && used > base+lengthOverhead {
			ends = append(ends, i)
			used = base + lengthOverhead
		}
		used += item
	}
	return append(ends, n)
}
