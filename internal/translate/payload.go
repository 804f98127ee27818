package translate

import (
	"iter"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// MaxPayload is the size in bytes, encoded as protobuf, that no payload exceeds.
// Kafka takes messages of 1,000,000 bytes by default, OTLP over gRPC 4 MiB, and
// both refuse a larger one for good.
const MaxPayload = 900_000

// LogsPayload is a part of the log records that a pipeline takes in one call.
type LogsPayload struct {
	Logs plog.Logs
	// Indices are those of the CDR records in it.
	Indices []uint64
	// Observations are the uids of the receiver's own observations in it.
	Observations []string
}

// Len is the number of log records.
func (p *LogsPayload) Len() int { return len(p.Indices) + len(p.Observations) }

// SpanKey identifies a span that the receiver emits. The spans that an entity gets
// when it is closed early and at its end differ in the reason.
type SpanKey struct {
	Trace      pcommon.TraceID
	Span       pcommon.SpanID
	Incomplete correlate.Reason
}

// TracesPayload is a part of the spans that a pipeline takes in one call.
type TracesPayload struct {
	Traces ptrace.Traces
	Spans  []SpanKey
}

// Len is the number of spans.
func (p *TracesPayload) Len() int { return len(p.Spans) }

// entry says what a log record is of: a CDR record, or with a uid an observation.
type entry struct {
	index uint64
	uid   string
}

// Payloads yields the log records in payloads of at most MaxPayload bytes, or alone,
// in one each. It moves them, so it can be ranged over once.
func (l *Logs) Payloads(single bool) iter.Seq[LogsPayload] {
	return func(yield func(LogsPayload) bool) {
		var size plog.ProtoMarshaler
		if l.Len() == 0 {
			return
		}
		if !single && (l.maxSize+maxEmptySize <= MaxPayload || size.LogsSize(l.logs) <= MaxPayload) {
			yield(logsPayload(l.logs, l.entries))
			return
		}
		from := 0
		for _, to := range payloadEnds(l.records.Len(), single, size.LogsSize(newLogs(l.scope, l.resource)), func(i int) int {
			return size.LogRecordSize(l.records.At(i))
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
			p.Observations = append(p.Observations, e.uid)
		} else {
			p.Indices = append(p.Indices, e.index)
		}
	}
	return p
}

// Payloads yields the spans in payloads of at most MaxPayload bytes, or alone, in one
// each. It moves them, so it can be ranged over once.
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

// framing in bytes is what an item takes in its payload beside its own: a tag and a
// length.
const itemOverhead = 6

// lengths in bytes is what the lengths of the resource and the scope grow by.
const lengthOverhead = 16

// cuts returns the ends of the payloads that n items of those sizes fill. An item
// that is too large by itself has a payload of its own.
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
	return slices.Clip(append(ends, n))
}
