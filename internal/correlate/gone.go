package correlate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// departed is something that is over: what late records about it belong to.
type departed struct {
	key   key
	index uint64 // of the latest record about it
	// in, trace and parent are those of its span; trace is empty if it had none
	// but its own.
	in     string
	trace  pcommon.TraceID
	parent pcommon.SpanID
	// why it was closed; empty if its end record came.
	why Reason
}

// whole: its end record came.
func (d *departed) whole() bool { return d.why == "" }

// final: it is known to be over.
func (d *departed) final() bool { return isOver(d.why) }

// remembered is how many of what is over a session remembers. A receiver URI
// that is hours behind another mostly repeats records; one of those that only
// it can tell, of something forgotten, opens nothing.
const remembered = 1 << 10

// gone is what is over, a ring: beyond what is remembered the oldest is
// forgotten.
type gone struct {
	ring []departed
	next int
	at   map[key]int
	// unsure: a record of a lower index may be about something forgotten.
	unsure uint64
	// bytes is what the ring takes in memory.
	bytes int
}

func (g *gone) add(how departed) {
	if g.at == nil {
		g.at = map[key]int{}
	}
	g.bytes += how.bytes()
	if len(g.ring) < remembered {
		g.ring = append(g.ring, how)
		g.at[how.key] = len(g.ring) - 1
		return
	}
	oldest := &g.ring[g.next]
	if g.at[oldest.key] == g.next {
		delete(g.at, oldest.key)
	}
	g.unsure = max(g.unsure, oldest.index+1)
	g.bytes -= oldest.bytes()
	*oldest = how
	g.at[how.key] = g.next
	g.next = (g.next + 1) % remembered
}

func (g *gone) find(k key) *departed {
	if at, ok := g.at[k]; ok {
		return &g.ring[at]
	}
	return nil
}

// leave remembers that something is over.
func (t *Transaction) leave(how departed) {
	if t.goneAt == nil {
		t.goneAt = make(map[key]int, 4)
	}
	t.goneAt[how.key] = len(t.gone)
	t.gone = append(t.gone, how)
}

// wasHere is how something ended, or nil.
func (t *Transaction) wasHere(k key) *departed {
	if at, ok := t.goneAt[k]; ok {
		return &t.gone[at]
	}
	return t.base.gone.find(k)
}

// lastTrace is the trace that something is in, or was when it ended, and whether
// it is known at all.
func (t *Transaction) lastTrace(k key) (trace pcommon.TraceID, known bool) {
	if open := t.get(k); open != nil {
		return open.trace(), true
	}
	if how := t.wasHere(k); how != nil {
		return how.trace, true
	}
	return pcommon.TraceID{}, false
}

// over reports whether the record, about something that is not open, opens
// nothing: it is a late one about something that is over. Of what was closed
// without its end record the end is still news, and so is any later record, unless
// it is known to be over.
func (t *Transaction) over(k key, record *cdr.Record) (bool, *departed) {
	how := t.wasHere(k)
	switch {
	case how == nil:
		return !isEnd(record) && record.CorrelatorIndex < t.base.gone.unsure, nil
	case how.whole():
		return true, how
	default:
		return !isEnd(record) && (how.final() || record.CorrelatorIndex < how.index), how
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

// restore puts something back into the call and the trace that it was in. What
// is over and was in none has a trace of its own.
func (d *departed) restore(thing Thing) {
	switch {
	case d == nil || d.trace.IsEmpty() && !d.whole():
		return
	case d.trace.IsEmpty():
		thing.moveTo(TraceID(d.key.id))
		return
	}
	switch of := thing.(type) {
	case *Call:
		of.Trace, of.Parent = d.trace, d.parent
	case *Leg:
		of.Call, of.Trace = d.in, d.trace
	case *Recording:
		of.Call, of.Trace = d.in, d.trace
	case *Streaming:
		of.Call, of.Trace = d.in, d.trace
	}
}
