package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// closed is an entity that was closed: what late records about it belong to.
type closedEntity struct {
	key   key
	index uint64 // of the latest record about it
	// in, trace and parent are those of its span; trace is empty if it had none
	// but its own.
	callID string
	trace  pcommon.TraceID
	parent pcommon.SpanID
	// why it was closed; empty if its end record came.
	reason Reason
}

// whole: its end record came.
func (c *closedEntity) hasEndRecord() bool { return c.reason == "" }

// final: it is known to have ended.
func (c *closedEntity) isFinal() bool { return isFinal(c.reason) }

// remembered is how many closed entities a session remembers. A receiver URI
// that is hours behind another mostly repeats records; one of those that only
// it can tell, about an entity that is forgotten, opens nothing.
const maxClosed = 1 << 10

// closedRing are the entities that were closed last: past the bound the oldest is
// forgotten.
type closedEntities struct {
	ring []closedEntity
	next int
	at   map[key]int
	// unsure: a record of a lower index may be about a forgotten entity.
	forgottenBelow uint64
	bytes          int
}

func (r *closedEntities) add(one closedEntity) {
	if r.at == nil {
		r.at = map[key]int{}
	}
	r.bytes += one.bytes()
	if len(r.ring) < maxClosed {
		r.ring = append(r.ring, one)
		r.at[one.key] = len(r.ring) - 1
		return
	}
	oldest := &r.ring[r.next]
	if r.at[oldest.key] == r.next {
		delete(r.at, oldest.key)
	}
	r.forgottenBelow = max(r.forgottenBelow, oldest.index+1)
	r.bytes -= oldest.bytes()
	*oldest = one
	r.at[one.key] = r.next
	r.next = (r.next + 1) % maxClosed
}

func (r *closedEntities) find(k key) *closedEntity {
	if at, ok := r.at[k]; ok {
		return &r.ring[at]
	}
	return nil
}

// remember notes that an entity was closed.
func (t *Transaction) rememberClosed(one closedEntity) {
	if t.closedIndex == nil {
		t.closedIndex = make(map[key]int, 4)
	}
	t.closedIndex[one.key] = len(t.closed)
	t.closed = append(t.closed, one)
}

// closedAs is how the entity was closed, or nil.
func (t *Transaction) findClosed(k key) *closedEntity {
	if at, ok := t.closedIndex[k]; ok {
		return &t.closed[at]
	}
	return t.base.closed.find(k)
}

// lastTrace is the trace that the entity is in, or was when it was closed, and
// whether the entity is known at all.
func (t *Transaction) lastTrace(k key) (trace pcommon.TraceID, known bool) {
	if open := t.get(k); open != nil {
		return open.trace(), true
	}
	if as := t.findClosed(k); as != nil {
		return as.trace, true
	}
	return pcommon.TraceID{}, false
}

// opensNothing reports whether the record, about an entity that is not open, is a
// late one about an entity that ended. Where an entity was closed without its end
// record, the end is still news, and so is any later record, unless the entity is
// known to have ended.
func (t *Transaction) staysClosed(k key, record *cdr.Record) (bool, *closedEntity) {
	as := t.findClosed(k)
	switch {
	case as == nil:
		return !isEnd(record) && record.CorrelatorIndex < t.base.closed.forgottenBelow, nil
	case as.hasEndRecord():
		return true, as
	default:
		return !isEnd(record) && (as.isFinal() || record.CorrelatorIndex < as.index), as
	}
}

func isEnd(record *cdr.Record) bool {
	switch record.Body.(type) {
	case *cdr.CallEnd, *cdr.CallLegEnd, *cdr.RecordingEnd, *cdr.StreamingEnd:
		return true
	default:
		return false
	}
}

// restore puts an entity back into the call and the trace that it was in. One that
// ended and was in none has a trace of its own.
func (c *closedEntity) restorePosition(entity Entity) {
	switch {
	case c == nil || c.trace.IsEmpty() && !c.hasEndRecord():
		return
	case c.trace.IsEmpty():
		entity.setTrace(TraceID(c.key.id))
		return
	}
	entity.setTrace(c.trace)
	switch of := entity.(type) {
	case *Call:
		of.PreviousParent = c.parent
	case *Leg:
		of.Call = c.callID
	case capture:
		call, _ := of.target()
		*call = c.callID
	}
}
