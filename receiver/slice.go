package cmscdrreceiver

import (
	"errors"
	"fmt"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// The limits of a slice. They limit the memory of a transaction, and how many records are
// processed again after a refusal.
const (
	sliceItems = 500
	sliceBytes = 512 << 10
)

// slice is a part of a document that is processed as one work.
type slice struct {
	session     *session
	predecessor *session
	doc         *cdr.Document
	body        string
	received    time.Time
	// start is the position of the slice in the document.
	start cdr.Mark
	// replacedCharactersBefore is the number of replaced characters before the slice. Those of
	// the start tag of <records> are counted with the first slice.
	replacedCharactersBefore int
	// measured is set after stageSlice was first called, which determines where the slice
	// ends. Later calls stage parts of it.
	measured bool
	// last is set for the last slice of the document.
	last bool
}

// stageSlice stages the items [from, to) of the slice. The first call ends earlier if the
// slice is full.
func (r *cdrReceiver) stageSlice(slice *slice, from, to int) *staged {
	s := r.newTransaction(slice.session, slice.session.source, slice.received)
	s.predecessor, s.mayMoveToSource = slice.predecessor, !slice.session.ephemeral
	if r.nextLogs != nil {
		s.logs = translate.NewLogs(r.scope, s.source.resource, s.session.id, slice.received, r.config.IncludeOriginal, func(uid string) bool {
			return s.session.uncommitted.hasObservation(uid) || r.uncommittedMalformed.has(uid)
		})
	}
	s.unknownAttributes = slice.doc.Attributes
	if slice.session.id == "" {
		r.stageUnidentified(s, slice, from, to)
		return s
	}
	slice.doc.Rewind(slice.start)
	replacedCharacters := slice.replacedCharactersBefore
	item, documentEnded := 0, true
	for record, malformed := range slice.doc.Records() {
		if item++; item <= from {
			replacedCharacters = slice.doc.Replaced
			continue
		}
		var isNew bool
		if malformed != nil {
			isNew = r.stageMalformed(s, malformed)
		} else {
			isNew = r.stageRecord(s, record)
		}
		if isNew { // those of a duplicate were counted with its first copy
			s.tally.replacedCharacters += slice.doc.Replaced - replacedCharacters
		}
		replacedCharacters = slice.doc.Replaced
		if s.items++; item == to || !slice.measured && slice.isFull(s) {
			documentEnded = false
			break
		}
	}
	if !slice.measured {
		slice.measured, slice.last = true, documentEnded
	}
	return s
}

// isFull reports whether the slice has reached sliceBytes, or its spans the size of a payload.
// It does not check sliceItems, which is the limit of the work.
func (sl *slice) isFull(s *staged) bool {
	return sl.doc.Mark().Offset()-sl.start.Offset() >= sliceBytes || s.traces.Size() >= translate.MaxPayload
}

// stageUnidentified stages a document without a usable session id as malformed parts of
// about cdr.MaxRecord bytes. The whole document is one slice, regardless of sliceBytes.
func (r *cdrReceiver) stageUnidentified(s *staged, slice *slice, from, to int) {
	if !slice.measured {
		slice.measured, slice.last, to = true, true, len(slice.body)/cdr.MaxRecord+1
	}
	for i := from; i < to; i++ {
		start, end := cdr.CharacterStart(slice.body, i*cdr.MaxRecord), cdr.CharacterStart(slice.body, (i+1)*cdr.MaxRecord)
		part := slice.body[start:end]
		if part == "" {
			break
		}
		r.stageMalformed(s, &cdr.Malformed{Bytes: part, Size: len(part), Err: unidentified(slice.doc)})
		s.items++
	}
}

// unidentified returns why a document has no usable session id: it has none, or the session id
// or the id of the Call Bridge is too long. Without a usable session id, new records cannot be
// distinguished from duplicates.
func unidentified(doc *cdr.Document) error {
	if doc.Session == "" {
		return errors.New("cdr: <records> has no session")
	}
	return fmt.Errorf("cdr: session or callBridge has more than %d bytes: %.40q, %.40q", cdr.MaxID, doc.Session, doc.CallBridge)
}
