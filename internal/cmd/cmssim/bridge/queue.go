package bridge

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// maxRecords limits the records in a document, because many records are queued after an outage.
const maxRecords = 2000

// entry is a queued record.
type entry struct {
	session *session
	record  wire.Record
	body    wire.Body
}

// queue holds the records of a Call Bridge that the receiver has not acknowledged, oldest first.
type queue struct {
	document []*entry // in the document that is posted
	waiting  []*entry // not in a document yet

	// The last acknowledged record.
	session         *session
	recordIndex     int
	correlatorIndex int
}

func (q *queue) len() int { return len(q.document) + len(q.waiting) }

// fill moves waiting records of the document's session into the document, up to its limit.
func (q *queue) fill() {
	for len(q.waiting) > 0 && len(q.document) < maxRecords {
		if len(q.document) > 0 && q.document[0].session != q.waiting[0].session {
			return
		}
		q.document, q.waiting = append(q.document, q.waiting[0]), q.waiting[1:]
	}
}

// encode returns the document in XML. It sets the recordIndex of each record, and the number of records that are
// missing before it.
func (q *queue) encode(callBridge string) []byte {
	document := wire.Document{Session: q.document[0].session.id, CallBridge: callBridge}
	recordIndex, correlatorIndex := q.recordIndex, q.correlatorIndex
	if q.document[0].session != q.session {
		recordIndex, correlatorIndex = 0, -1
	}
	for _, e := range q.document {
		r := e.record
		recordIndex++
		r.RecordIndex = recordIndex
		r.Missing = r.CorrelatorIndex - correlatorIndex - 1
		correlatorIndex = r.CorrelatorIndex
		document.Records = append(document.Records, r)
	}
	return document.Append(nil)
}

// acknowledge removes the document and returns the number of its records.
func (q *queue) acknowledge() int {
	n := len(q.document)
	last := q.document[n-1]
	if last.session != q.session {
		q.session, q.recordIndex = last.session, 0
	}
	q.recordIndex += n
	q.correlatorIndex = last.record.CorrelatorIndex
	for _, e := range q.document {
		e.session.expected.Acknowledged(e.record.CorrelatorIndex, e.body)
	}
	q.document = nil
	return n
}
