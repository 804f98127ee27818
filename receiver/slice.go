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
	session *session
	follows *session
	doc     *cdr.Document
	body    string
	arrived time.Time
	start   cdr.Mark
	// replaced are the document's replaced characters before the slice; those of the
	// start tag of <records> are counted with its first slice.
	replaced int
	// whole: it was read once, so that where it ends is known.
	whole bool
	// last: the document has nothing behind it.
	last bool
}

// stageSlice reads the items of the slice from from up to to into a transaction. The
// first time, the bounds of a slice end it before.
func (r *cdrReceiver) stageSlice(of *slice, from, to int) *staged {
	s := r.begin(of.session, of.session.source, of.arrived)
	s.follows, s.places = of.follows, !of.session.fleeting
	if r.nextLogs != nil {
		s.logs = translate.NewLogs(r.scope, s.source.resource, s.session.id, of.arrived, r.config.IncludeOriginal, s.session.uncommitted.hasObservation)
	}
	s.unknown = of.doc.Attributes
	if of.session.id == "" {
		r.stageUnidentified(s, of, from, to)
		return s
	}
	of.doc.Rewind(of.start)
	replaced := of.replaced
	at, ended := 0, true
	for record, malformed := range of.doc.Records() {
		if at++; at <= from {
			replaced = of.doc.Replaced
			continue
		}
		if malformed != nil {
			r.malformed(s, malformed)
		} else {
			r.record(s, record)
		}
		if s.items++; at == to || !of.whole && of.full(s) {
			ended = false
			break
		}
	}
	s.tally.replaced = of.doc.Replaced - replaced
	if !of.whole {
		of.whole, of.last = true, ended
	}
	return s
}

// full reports whether the slice is as large as a slice gets.
func (of *slice) full(s *staged) bool {
	return of.doc.Mark().Offset()-of.start.Offset() >= sliceBytes || s.traces.Size() >= translate.MaxPayload
}

// stageUnidentified keeps a document of which no session is known, in parts.
func (r *cdrReceiver) stageUnidentified(s *staged, of *slice, from, to int) {
	if !of.whole {
		of.whole, of.last, to = true, true, len(of.body)/cdr.MaxRecord+1
	}
	for at := from * cdr.MaxRecord; at < min(to*cdr.MaxRecord, len(of.body)); at += cdr.MaxRecord {
		part := of.body[at:min(at+cdr.MaxRecord, len(of.body))]
		r.malformed(s, &cdr.Malformed{Bytes: part, Size: len(part), Err: unidentified(of.doc)})
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
