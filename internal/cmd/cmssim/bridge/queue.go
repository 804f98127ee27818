package bridge

import (
	"math/rand/v2"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// entry is a record on its way to all receivers of a Call Bridge; they share it, so nobody changes it.
type entry struct {
	session *session
	record  wire.Record
}

// queue is what a Call Bridge keeps for one receiver. Its Call Bridge's lock guards it; rng and trouble are
// the poster's alone.
type queue struct {
	bridge *Bridge
	uri    string
	rng    *rand.Rand

	sent    []*entry // the document that is in the air or was refused: the receiver may have it, so it stays
	waiting []*entry // never sent, so what does not fit is dropped here

	// Of the last document that was acknowledged.
	session     *session
	recordIndex int
	correlator  int
}

// add appends a record, and drops the oldest that was never sent if there are too many.
func (q *queue) add(e *entry) {
	q.waiting = append(q.waiting, e)
	if over := len(q.sent) + len(q.waiting) - q.bridge.Buffer; over > 0 {
		q.drop(min(over, len(q.waiting)))
	}
}

// drop gives up the oldest n records that were never sent.
func (q *queue) drop(n int) {
	for _, e := range q.waiting[:n] {
		e.session.expected.Settled(e.record.CorrelatorIndex, false)
	}
	q.waiting = q.waiting[n:]
}

// grow moves what waits into the document, as far as it fits. The first record always does.
func (q *queue) grow() {
	size := 0
	for _, e := range q.sent {
		size += e.record.Size()
	}
	n := 0
	for ; n < len(q.waiting); n++ {
		e := q.waiting[n]
		size += e.record.Size()
		count := len(q.sent) + n
		if count > 0 && (size > q.bridge.Bytes || count == q.bridge.Bundle || e.session != q.head().session) {
			break
		}
	}
	q.sent = append(q.sent, q.waiting[:n]...)
	q.waiting = q.waiting[n:]
}

// head is the first record of the document; a document holds one session.
func (q *queue) head() *entry {
	if len(q.sent) > 0 {
		return q.sent[0]
	}
	return q.waiting[0]
}

// document numbers the records to be sent for this receiver and says what is missing before each.
func (q *queue) document() wire.Document {
	d := wire.Document{Session: q.sent[0].session.id, CallBridge: q.bridge.CallBridge}
	index, last := q.recordIndex, q.correlator
	if q.sent[0].session != q.session {
		index, last = 0, -1
	}
	for _, e := range q.sent {
		r := e.record
		index++
		r.RecordIndex = index
		if !q.bridge.Silent {
			r.Missing = r.CorrelatorIndex - last - 1
		}
		last = r.CorrelatorIndex
		d.Records = append(d.Records, r)
	}
	return d
}

// acknowledged forgets the document: the receiver has it now.
func (q *queue) acknowledged() {
	last := q.sent[len(q.sent)-1]
	if last.session != q.session {
		q.session, q.recordIndex = last.session, 0
	}
	q.recordIndex += len(q.sent)
	q.correlator = last.record.CorrelatorIndex
	for _, e := range q.sent {
		e.session.expected.Settled(e.record.CorrelatorIndex, true)
	}
	q.sent = nil
}
