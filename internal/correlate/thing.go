package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Thing is what can be open: a *Call, *Leg, *Recording or *Streaming.
type Thing interface {
	common() *Common
	// copied is what a transaction may change.
	copied() Thing
	// in is the GUID of the call that it is in, or was in last; empty for calls.
	in() string
	// trace is the trace of that call, or of the call itself; empty if there is none.
	trace() pcommon.TraceID
	// moveTo says that the call it is in is in that trace.
	moveTo(pcommon.TraceID)
	// aliases are other names by which records refer to it.
	aliases(yield func(alias) bool)
}

// Common is what everything that is open has. Its times, as those of all that is
// kept, are a third of the size of a time.Time.
type Common struct {
	ID string
	// Start is zero if no start record came.
	Start pcommon.Timestamp
	// Heard is when the last record about it was received.
	Heard pcommon.Timestamp
	// Index is the correlatorIndex of the latest record about it.
	Index uint64
	// Orphaned is when it was received that its call is over; zero while that goes
	// on.
	Orphaned pcommon.Timestamp
	Extra    Extra
}

func (c *Common) common() *Common { return c }

// begin notes the time of the start record.
func (c *Common) begin(record *cdr.Record) {
	if c.Start == 0 {
		c.Start = timeOf(record)
	}
}

// timeOf is when what the record tells happened, by the Call Bridge's clock.
func timeOf(record *cdr.Record) pcommon.Timestamp { return pcommon.NewTimestampFromTime(record.Time) }

// kind of a thing: GUIDs are told apart by what they are of.
type kind uint8

const (
	aCall kind = iota
	aLeg
	aRecording
	aStreaming
	kinds
)

// key of a thing that is open.
type key struct {
	kind kind
	id   string
}

func keyOf(thing Thing) key {
	k := key{id: thing.common().ID}
	switch thing.(type) {
	case *Call:
		k.kind = aCall
	case *Leg:
		k.kind = aLeg
	case *Recording:
		k.kind = aRecording
	case *Streaming:
		k.kind = aStreaming
	}
	return k
}

// Key identifies something open within its session: what it is, and its GUID.
type Key struct{ key }

// KeyOf is the key of a thing.
func KeyOf(thing Thing) Key { return Key{keyOf(thing)} }

// spanOf is the span of a thing in that trace; without a trace there is none yet.
func spanOf(thing Thing) (pcommon.TraceID, pcommon.SpanID) {
	if trace := thing.trace(); !trace.IsEmpty() {
		return trace, SpanID(thing.common().ID)
	}
	return pcommon.TraceID{}, pcommon.SpanID{}
}
