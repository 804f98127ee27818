package correlate

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Entity is what can be open: a *Call, *Leg, *Recording or *Streaming.
type Entity interface {
	fields() *EntityFields
	// copied is what a transaction may change.
	clone() Entity
	// in is the GUID of the call that it is in, or was in last; empty for calls.
	callID() string
	// trace is the trace of that call, or of the call itself; empty if there is none.
	trace() pcommon.TraceID
	// moveTo says that the call it is in is in that trace.
	setTrace(pcommon.TraceID)
	// aliases are other names by which records refer to it.
	aliases() [maxAliases]alias
	// bytes is about how much memory it takes.
	bytes() int
}

// Common is what all entities have. Its times, as those of all that is kept, are
// a third of the size of a time.Time.
type EntityFields struct {
	ID string
	// Start is zero if no start record came.
	Start pcommon.Timestamp
	// Earliest is the earliest time of a record about it, its end record left out;
	// zero if there was none.
	Earliest pcommon.Timestamp
	// Heard is when the last record about it was received.
	LastReceived pcommon.Timestamp
	// Index is the correlatorIndex of the latest record about it.
	LastIndex uint64
	// Orphaned is when it was received that its call ended; zero while the call is
	// open.
	OrphanedAt pcommon.Timestamp
	Extra      Extra
}

func (c *EntityFields) fields() *EntityFields { return c }

// begin notes the time of the start record.
func (c *EntityFields) setStart(record *cdr.Record) {
	if c.Start == 0 {
		c.Start = timeOf(record)
	}
}

// hear notes a record about it, and reports whether that is a late one, older
// than another.
func (c *EntityFields) observe(record *cdr.Record, now pcommon.Timestamp) (late bool) {
	c.LastReceived = now
	if late = record.CorrelatorIndex < c.LastIndex; !late {
		c.LastIndex = record.CorrelatorIndex
	}
	if !isEnd(record) {
		c.Earliest = earlier(c.Earliest, timeOf(record))
	}
	c.Extra = c.Extra.withRecord(record)
	return late
}

// timeOf is when what the record tells happened, by the Call Bridge's clock.
func timeOf(record *cdr.Record) pcommon.Timestamp { return pcommon.NewTimestampFromTime(record.Time) }

// earlier is the earlier of two times, of which zero is none.
func earlier(a, b pcommon.Timestamp) pcommon.Timestamp {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// kind of an entity: GUIDs are told apart by what they identify.
type kind uint8

const (
	callKind kind = iota
	legKind
	recordingKind
	streamingKind
	kindCount
)

// key of an entity.
type key struct {
	kind kind
	id   string
}

func keyOf(entity Entity) key {
	k := key{id: entity.fields().ID}
	switch entity.(type) {
	case *Call:
		k.kind = callKind
	case *Leg:
		k.kind = legKind
	case *Recording:
		k.kind = recordingKind
	case *Streaming:
		k.kind = streamingKind
	}
	return k
}

// Key identifies an entity within its session: its kind and its GUID.
type Key struct{ key }

// KeyOf is the key of an entity.
func KeyOf(entity Entity) Key { return Key{keyOf(entity)} }

// spanOf is the span of an entity in its trace; without a trace there is none yet.
func spanOf(entity Entity) (pcommon.TraceID, pcommon.SpanID) {
	if trace := entity.trace(); !trace.IsEmpty() {
		return trace, SpanID(entity.fields().ID)
	}
	return pcommon.TraceID{}, pcommon.SpanID{}
}

// maxText in bytes bounds each text that is kept until its span goes out. The
// log record has it whole.
const maxText = 1024

// bounded is the text, cut where it is longer than any that the guide has.
func bounded(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "")
}

// isNews reports whether a record's text is. What a late record says is news only
// where nothing was known.
func isNews(known, text string, late bool) bool {
	return text != "" && text != known && (!late || known == "")
}

// mergeText takes a text that is news, and reports whether it was. It is cloned, as a
// record's text is a part of the whole body.
func mergeText(into *string, from string, late bool) bool {
	from = bounded(from)
	if !isNews(*into, from, late) {
		return false
	}
	*into = strings.Clone(from)
	return true
}

// mergeOptional reports whether the value was news.
func mergeOptional[T comparable](into *cdr.Optional[T], from cdr.Optional[T], late bool) bool {
	if !from.Present || from == *into || late && into.Present {
		return false
	}
	*into = from
	return true
}
