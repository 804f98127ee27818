package cmscdrreceiver

import (
	"errors"
	"fmt"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// The bounds of a slice: memory does not grow with the document, and a refusal costs
// no more than a slice.
const (
	sliceRecords = 500
	sliceBytes   = 512 << 10
)

// slice is a part of a document that is taken in one piece of work.
type slice struct {
	session     *session
	predecessor *session
	doc         *cdr.Document
	body        string
	received    time.Time
	start       cdr.Mark
	// replaced are the document's replaced characters before the slice; those of the
	// start tag of <records> are counted with its first slice.
	replacedBefore int
	// whole: it was read once, so that where it ends is known.
	measured bool
	// last: the document has nothing behind it.
	last bool
}

// stageSlice reads the items of the slice from from up to to into a transaction. The
// first time, the bounds of a slice end it before.
func (r *cdrReceiver) stageSlice(slice *slice, from, to int) *staged {
	s := r.newTransaction(slice.session, slice.session.source, slice.received)
	s.predecessor, s.fromDocument = slice.predecessor, !slice.session.ephemeral
	if r.nextLogs != nil {
		s.logs = translate.NewLogs(r.scope, s.source.resource, s.session.id, slice.received, r.config.IncludeOriginal, s.session.uncommitted.hasObservation)
	}
	s.unknown = slice.doc.Attributes
	if slice.session.id == "" {
		r.stageUnidentified(s, slice, from, to)
		return s
	}
	slice.doc.Rewind(slice.start)
	replaced := slice.replacedBefore
	item, ended := 0, true
	for record, malformed := range slice.doc.Records() {
		if item++; item <= from {
			replaced = slice.doc.Replaced
			continue
		}
		if malformed != nil {
			r.malformed(s, malformed)
		} else {
			r.record(s, record)
		}
		if s.items++; item == to || !slice.measured && slice.isFull(s) {
			ended = false
			break
		}
	}
	s.tally.replaced = slice.doc.Replaced - replaced
	if !slice.measured {
		slice.measured, slice.last = true, ended
	}
	return s
}

// full reports whether the slice is as large as a slice gets.
func (of *slice) isFull(s *staged) bool {
	return of.doc.Mark().Offset()-of.start.Offset() >= sliceBytes || s.traces.Size() >= translate.MaxPayload
}

// stageUnidentified keeps a document of which no session is known, in parts.
func (r *cdrReceiver) stageUnidentified(s *staged, slice *slice, from, to int) {
	if !slice.measured {
		slice.measured, slice.last, to = true, true, len(slice.body)/cdr.MaxRecord+1
	}
	for at := from * cdr.MaxRecord; at < min(to*cdr.MaxRecord, len(slice.body)); at += cdr.MaxRecord {
		part := slice.body[at:min(at+cdr.MaxRecord, len(slice.body))]
		r.malformed(s, &cdr.Malformed{Bytes: part, Size: len(part), Err: unidentified(slice.doc)})
		s.items++
	}
}

// unidentified: nothing in a document without a session can be told from a repeat.
func unidentified(doc *cdr.Document) error {
	if doc.Session == "" {
		return errors.New("cdr: <records> has no session")
	}
	return fmt.Errorf("cdr: session or callBridge has more than %d bytes: %.40q, %.40q", cdr.MaxID, doc.Session, doc.CallBridge)
}
