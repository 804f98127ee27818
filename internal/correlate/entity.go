package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Entity is an entity, open or closed: a *Call, *Leg, *Recording or *Streaming.
type Entity interface {
	fields() *EntityFields
	// clone returns a copy that a transaction may change.
	clone() Entity
	// callID returns the GUID of the call that the entity is in, or was in last. It is
	// empty for a call, and for an entity that was in none.
	callID() string
	// trace returns the trace of the entity's call, or of the call itself; empty if the
	// entity was in no call. If a record arrives after the end record of an entity that was
	// in no call, the entity that is created for this record returns the trace of the closed
	// entity's span.
	trace() pcommon.TraceID
	setTrace(pcommon.TraceID)
	// aliases returns the other names by which records refer to the entity; unused
	// ones are empty.
	aliases() [maxAliases]alias
	// bytes estimates the memory that the entity uses.
	bytes() int
}

// EntityFields are the fields that every entity has. Times are timestamps, because a
// time.Time uses three times the memory.
type EntityFields struct {
	ID string
	// Start is the time of the start record; zero if none arrived.
	Start pcommon.Timestamp
	// Earliest is the earliest time of a record about the entity other than its end
	// record; zero if there is none.
	Earliest pcommon.Timestamp
	// LastReceived is when the last record about the entity was received. For a call this
	// includes the records about entities that left it, and so it does for LastIndex.
	LastReceived pcommon.Timestamp
	// LastIndex is the highest correlatorIndex of a record about the entity.
	LastIndex uint64
	// GraceBegan is when the grace period of the entity began, because its call ended or
	// because it is itself a call whose start record arrived after that of a newer call of
	// its coSpace; zero if it has none.
	GraceBegan pcommon.Timestamp
	Extra      Extra
}

func (f *EntityFields) fields() *EntityFields { return f }

// setStart sets the start to the time of the start record, unless one already arrived.
func (f *EntityFields) setStart(record *cdr.Record) {
	if f.Start == 0 {
		f.Start = timeOf(record)
	}
}

// observe updates the fields for a record about the entity, and reports whether the
// record is late, that is, older than another one.
func (f *EntityFields) observe(record *cdr.Record, now pcommon.Timestamp) (late bool) {
	f.LastReceived = now
	if late = record.CorrelatorIndex < f.LastIndex; !late {
		f.LastIndex = record.CorrelatorIndex
	}
	if !isEnd(record) {
		f.Earliest = meeting.Earlier(f.Earliest, timeOf(record))
	}
	f.Extra = f.Extra.withRecord(record, late)
	return late
}

// firstTime returns the earliest time that is known of the entity, other than that of its end;
// zero if there is none.
func (f *EntityFields) firstTime() pcommon.Timestamp { return meeting.Earlier(f.Start, f.Earliest) }

// timeOf returns the time of the record by the Call Bridge's clock.
func timeOf(record *cdr.Record) pcommon.Timestamp { return pcommon.NewTimestampFromTime(record.Time) }

// kind is the kind of an entity. A GUID identifies an entity only together with it.
type kind uint8

const (
	callKind kind = iota
	legKind
	recordingKind
	streamingKind
	kindCount
)

// key identifies an entity within its session.
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

// Key identifies an entity within its session by its kind and GUID.
type Key struct{ key }

// KeyOf returns the key of an entity.
func KeyOf(entity Entity) Key { return Key{keyOf(entity)} }

// FieldsOf returns the fields of an entity, which must not be changed, and the trace
// that it is in.
func FieldsOf(entity Entity) (*EntityFields, pcommon.TraceID) { return entity.fields(), entity.trace() }

// spanOf returns the trace and span of an entity; both are empty while it has no
// trace.
func spanOf(entity Entity) (pcommon.TraceID, pcommon.SpanID) {
	if trace := entity.trace(); !trace.IsEmpty() {
		return trace, SpanID(entity.fields().ID)
	}
	return pcommon.TraceID{}, pcommon.SpanID{}
}

// mergeOptional sets the value and reports whether it changed. A late record only
// sets an absent value.
func mergeOptional[T comparable](into *cdr.Optional[T], from cdr.Optional[T], late bool) bool {
	if !from.Present || from == *into || late && into.Present {
		return false
	}
	*into = from
	return true
}
