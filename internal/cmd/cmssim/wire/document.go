// Package wire encodes call detail records as a Meeting Server does. The simulator, the command peers and tests use it.
//
// The encoding follows the example documents in the guide. The package shares no code with package cdr, which parses
// documents, so that tests can check one against the other.
package wire

import (
	"strconv"
	"time"
)

// Document is the body of one POST: records of one session.
type Document struct {
	Session    string
	CallBridge string // GUID, empty outside clusters
	Records    []Record
}

// Record is a record. Element is the element in it, such as <call>, already encoded, so that it is encoded only once
// even if the record is sent again.
type Record struct {
	Type            string
	Time            time.Time
	RecordIndex     int // from 1
	CorrelatorIndex int // from 0
	Missing         int // numPreceedingRecordsMissing; absent if 0
	Element         []byte
}

// Append appends the encoded document to b.
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
