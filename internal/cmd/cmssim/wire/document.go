// Package wire writes call detail records the way a Meeting Server puts them on the network.
//
// It shares nothing with the receiver's own reading of the format: what it writes was modelled on captured
// documents, so that the two can be held against each other.
package wire

import (
	"strconv"
	"time"
)

// Document is the body of one POST: records of one session of one Call Bridge.
type Document struct {
	Session    string
	CallBridge string // the Call Bridge's GUID, empty outside clusters
	Records    []Record
}

// Record is one numbered record whose element has been written already, so that it can be sent to several
// receivers, and again, for the price of a copy.
type Record struct {
	Type            string
	Time            time.Time
	RecordIndex     int // from 1, counted for each receiver
	CorrelatorIndex int // from 0, the same for all receivers
	Missing         int // how many records before this one the receiver will never see; 0 says nothing
	Element         []byte
}

// Append writes the document at the end of b.
func (d Document) Append(b []byte) []byte {
	w := writer{buf: b}
	w.raw(`<?xml version="1.0"?><records`)
	w.attribute("session", d.Session)
	if d.CallBridge != "" {
		w.attribute("callBridge", d.CallBridge)
	}
	w.raw(">")
	for _, r := range d.Records {
		r.write(&w)
	}
	w.raw("</records>")
	return w.buf
}

func (r Record) write(w *writer) {
	w.raw("<record")
	w.attribute("type", r.Type)
	w.attribute("time", r.Time.UTC().Format("2006-01-02T15:04:05Z"))
	w.attribute("recordIndex", strconv.Itoa(r.RecordIndex))
	w.attribute("correlatorIndex", strconv.Itoa(r.CorrelatorIndex))
	if r.Missing > 0 {
		w.attribute("numPreceedingRecordsMissing", strconv.Itoa(r.Missing))
	}
	w.raw(">\n")
	w.buf = append(w.buf, r.Element...)
	w.raw("</record>\n")
}

// Size is an upper bound for what the record takes in a document.
func (r Record) Size() int { return len(r.Element) + recordOverhead }

// recordOverhead covers the record's tags with the longest type and three indices of ten digits.
const recordOverhead = 256
