package correlate

import "github.com/cmscdr/cmscdrreceiver/internal/cdr"

// captures puts a recording or streaming, whose call is kept there, into the call
// that it names, else into that of its leg, if the leg is known.
func (t *Transaction) captures(of Thing, call *string, named, leg string, late bool) {
	if !t.isOpen(of) {
		return
	}
	if by, open := t.get(key{aLeg, leg}).(*Leg); open && named == "" {
		named = by.Call
	}
	if mergeText(call, named, late) {
		of.moveTo(t.traceOf(*call))
		t.enters(of)
	}
}

// captureEnd is the end of a recording or streaming, which tells no duration.
func (t *Transaction) captureEnd(of Thing, record *cdr.Record) Effect {
	effect := t.effectOf(of)
	if t.isOpen(of) {
		t.finish(of, record, cdr.Optional[int64]{})
	}
	return effect.atEnd(of)
}
