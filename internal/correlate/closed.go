package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// closedEntity is what is remembered of a closed entity for later records about it.
type closedEntity struct {
	key   key
	index uint64 // of the latest record about it
	// callID and trace are those of the entity when it was closed; trace is empty if
	// the entity was in no call.
	callID string
	trace  pcommon.TraceID
	// parent is the parent of a call's span.
	parent pcommon.SpanID
	// reason is the reason for closing the entity; empty if its end record arrived.
	reason Reason
}

// hasEndRecord reports whether the entity's end record arrived.
func (c *closedEntity) hasEndRecord() bool { return c.reason == "" }

// isFinal reports whether the entity has certainly ended.
func (c *closedEntity) isFinal() bool { return isFinal(c.reason) }

// maxClosed limits the closed entities that a session remembers. Late records about
// forgotten ones are rare: if one receiver URI of a Call Bridge is hours behind
// another, most of its records are duplicates. Of the late records about forgotten
// entities, only end records open an entity.
const maxClosed = 1 << 10

// closedEntities remembers the entities that were closed last, in a ring.
type closedEntities struct {
	ring      []closedEntity
	next      int         // the position of the oldest entity, once the ring is full
	positions map[key]int // in the ring
	// forgottenBelow is a correlator index. Only a record with a lower index can be a late
	// record about a closed entity that is not in the ring.
	forgottenBelow uint64
	bytes          int // memory of the entities
}

func (r *closedEntities) add(closed closedEntity) {
	if r.positions == nil {
		r.positions = map[key]int{}
	}
	r.bytes += closed.bytes()
	if len(r.ring) < maxClosed {
		r.ring = append(r.ring, closed)
		r.positions[closed.key] = len(r.ring) - 1
		return
	}
	oldest := &r.ring[r.next]
	if r.positions[oldest.key] == r.next {
		delete(r.positions, oldest.key)
	}
	r.forgottenBelow = max(r.forgottenBelow, oldest.index+1)
	r.bytes -= oldest.bytes()
	*oldest = closed
	r.positions[closed.key] = r.next
	r.next = (r.next + 1) % maxClosed
}

func (r *closedEntities) find(k key) *closedEntity {
	if position, ok := r.positions[k]; ok {
		return &r.ring[position]
	}
	return nil
}

// rememberClosed stages a closed entity.
func (t *Transaction) rememberClosed(closed closedEntity) {
	if t.closedPositions == nil {
		t.closedPositions = make(map[key]int, 4)
	}
	t.closedPositions[closed.key] = len(t.closed)
	t.closed = append(t.closed, closed)
}

// findClosed returns the closed entity, or nil.
func (t *Transaction) findClosed(k key) *closedEntity {
	if position, ok := t.closedPositions[k]; ok {
		return &t.closed[position]
	}
	return t.base.closed.find(k)
}

// lastTrace returns the trace that the entity is in, or was in when it was closed, and
// whether the entity is open or remembered.
func (t *Transaction) lastTrace(k key) (trace pcommon.TraceID, found bool) {
	if open := t.get(k); open != nil {
		return open.trace(), true
	}
	if closed := t.findClosed(k); closed != nil {
		return closed.trace, true
	}
	return pcommon.TraceID{}, false
}

// staysClosed reports whether a record must not open its entity, which is not open, and
// returns the closed entity if it is remembered. An entity that was closed by its end
// record stays closed. One that was closed incomplete is opened again by its end
// record, and by any newer record unless it has certainly ended. An entity that is not
// remembered is opened unless the record may be late; an end record always opens it.
func (t *Transaction) staysClosed(k key, record *cdr.Record) (stays bool, closed *closedEntity) {
	closed = t.findClosed(k)
	switch {
	case closed == nil:
		return !isEnd(record) && record.CorrelatorIndex < t.base.closed.forgottenBelow, nil
	case closed.hasEndRecord():
		return true, closed
	default:
		return !isEnd(record) && (closed.isFinal() || record.CorrelatorIndex < closed.index), closed
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

// restoreCallAndTrace gives an entity the call and the trace that it had when it was
// closed, and sets PreviousParent of a call to the parent that its span had then. An entity
// that was in no call and was closed by its end record gets the trace of its span. One that
// was in no call and was closed incomplete is not changed, because it may be opened again
// and join a call. If c is nil, nothing changes.
func (c *closedEntity) restoreCallAndTrace(entity Entity) {
	switch {
	case c == nil || c.trace.IsEmpty() && !c.hasEndRecord():
		return
	case c.trace.IsEmpty():
		entity.setTrace(TraceID(c.key.id))
		return
	}
	entity.setTrace(c.trace)
	switch entity := entity.(type) {
	case *Call:
		entity.PreviousParent = c.parent
	case *Leg:
		entity.Call = c.callID
	case capture:
		call, _ := entity.callAndLeg()
		*call = c.callID
	}
}
