package cdr

import (
	"iter"
)

const (
	rootElement   = "records"
	recordElement = "record"
)

// Problems of a document that is well-formed XML.
const (
	strayText    = "text between records"
	strayElement = "an element other than a record"
)

// Document is the body of one POST. Open parses the start tag of its root element, and
// Records the rest.
type Document struct {
	// Session is a new GUID at every start of a Call Bridge, the same for all its
	// receivers.
	Session string
	// CallBridge is the GUID of the Call Bridge. It stays the same when the Call
	// Bridge restarts, and can be absent.
	CallBridge string
	// Attributes of <records> that the guide does not list.
	Attributes []Attribute
	// Replaced counts the invalid characters that were replaced with U+FFFD in the
	// start tag of <records> and in the records so far: each character that XML does
	// not allow, such as a control character, and each byte that is not part of a
	// UTF-8 character. Malformed parts are not changed.
	Replaced int

	scan scanner
	// recordNumber is the number of the last record. It counts from 1, and includes
	// malformed records, except for those whose start tag cannot be scanned.
	recordNumber int
	// atEnd is set when no more items follow.
	atEnd  bool
	record Record
	tree   tree
	bodies bodies

	// The malformed part that is being collected; none if malformedErr is nil.
	malformedStart   int
	malformedErr     error
	malformedIndices []uint64
	// indexParsed is set if record.CorrelatorIndex is the valid correlatorIndex of the
	// item that is being scanned.
	indexParsed bool
}

// Open parses the start tag of <records>. A *SyntaxError or a *RootError means that
// the body is not a CDR document and was not sent by a Call Bridge.
func Open(body string) (*Document, error) {
	d := new(Document)
	if err := d.Open(body); err != nil {
		return nil, err
	}
	return d, nil
}

// Open parses the start tag of <records>. The document must be new or closed; Open
// reuses the memory of a closed one. A *SyntaxError or a *RootError means that the body
// is not a CDR document and was not sent by a Call Bridge.
func (d *Document) Open(body string) error {
	d.scan.init(body)
	if d.scan.next() != startTag {
		return d.syntaxError(0)
	}
	if d.scan.name != rootElement {
		return &RootError{Position: Position{Offset: d.scan.start}, Root: excerpt(d.scan.name)}
	}
	for _, a := range d.scan.attributes {
		switch a.Name {
		case "session":
			d.Session = guid(a.Value)
		case "callBridge":
			d.CallBridge = guid(a.Value)
		default:
			d.Attributes = append(d.Attributes, a)
		}
	}
	d.Replaced = d.scan.replaced
	d.tree.init(len(body))
	return nil
}

// Close clears the document, so that Open can reuse its memory. Its records must not
// be used afterwards.
func (d *Document) Close() {
	nodes, bodies := d.tree.nodes, d.bodies
	*d = Document{bodies: bodies}
	d.bodies.clear() // otherwise their texts keep the whole body in memory
	if nodes = nodes[:cap(nodes)]; len(nodes) <= keptNodes {
		clear(nodes)
		d.tree.nodes = nodes[:0]
	}
}

// Records yields the records and the malformed parts in document order; one of the
// two values is nil. After a loop ends early, the next one continues after the last
// item.
//
// A malformed part extends from the beginning of the record, element, text or other
// markup with the first error to the next record that can be parsed, to </records>, or
// to the end of the body. Its error is the first one in it. If a record, element, text or
// other markup would make the part longer than MaxRecord, the part ends before it, and
// the next malformed part begins with it. A malformed part without bytes means that
// </records> is missing.
func (d *Document) Records() iter.Seq2[*Record, *Malformed] {
	return func(yield func(*Record, *Malformed) bool) {
		for {
			record, malformed := d.next()
			if record == nil && malformed == nil || !yield(record, malformed) {
				return
			}
		}
	}
}

// Mark is a position between two items of a document.
type Mark struct {
	scanState
	recordNumber, replaced int
	atEnd                  bool
}

// Offset returns the position in bytes from the beginning of the body.
func (m Mark) Offset() int { return m.pos }

// Mark returns the position after the item that Records yielded last.
func (d *Document) Mark() Mark {
	return Mark{scanState: d.scan.scanState, recordNumber: d.recordNumber, replaced: d.Replaced, atEnd: d.atEnd}
}

// Rewind moves back to a mark of this document. Records continues there.
func (d *Document) Rewind(to Mark) {
	d.scan.scanState, d.scan.depth = to.scanState, 1
	d.recordNumber, d.Replaced, d.scan.replaced, d.atEnd = to.recordNumber, to.replaced, to.replaced, to.atEnd
}

// next returns the next item, or two nil values at the end. Between two items the
// scanner is directly below the root, and no malformed part is being collected.
func (d *Document) next() (*Record, *Malformed) {
	for !d.atEnd {
		var part *Malformed
		before := d.Mark()
		d.indexParsed = false
		switch d.scan.next() {
		case startTag:
			before.pos = d.scan.start
			err := d.element(before.pos)
			if err == nil && d.malformedErr == nil {
				return &d.record, nil
			}
			if err == nil {
				part = d.flush(before) // the next call parses the record again
			} else {
				part = d.extendMalformed(before, err)
			}
		case characters:
			if !blank(d.scan.text) {
				before.pos = d.scan.skipSpace(d.scan.start)
				part = d.extendMalformed(before, d.notAllowed(before.pos, strayText))
			}
		case endTag:
			return nil, d.end(before)
		case failed:
			before.pos = d.scan.start
			err := d.syntaxError(0)
			d.record.CorrelatorIndex, d.indexParsed = d.scan.correlatorIndex()
			if d.atEnd = before.pos == len(d.scan.src); !d.atEnd {
				d.resume(before.pos)
			}
			part = d.extendMalformed(before, err)
			if part == nil && d.atEnd {
				part = d.flush(before)
				d.atEnd = true
			}
		}
		if part != nil {
			return nil, part
		}
	}
	return nil, nil
}

// end handles the root's end tag, which was scanned last; before is the mark before it.
// If a malformed part is being collected, end returns that, and the tag is scanned again.
// Otherwise only comments, processing instructions and white space may follow the tag.
func (d *Document) end(before Mark) *Malformed {
	if d.malformedErr != nil {
		before.pos = d.scan.start
		return d.flush(before)
	}
	d.atEnd = true
	if d.scan.next() == failed {
		return d.malformed(d.scan.start, len(d.scan.src), d.syntaxError(0))
	}
	return nil
}

// element parses an element below the root, which should be a record. After an error
// the scanner is at the position where parsing continues.
func (d *Document) element(start int) error {
	if d.scan.name == recordElement {
		d.recordNumber++
		return d.readRecord(start)
	}
	err := d.notAllowed(start, strayElement)
	d.tree.begin("")
	if !d.tree.read(&d.scan) {
		d.resume(start)
	}
	return err
}
