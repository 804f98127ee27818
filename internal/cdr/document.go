package cdr

import (
	"iter"
)

const (
	rootElement   = "records"
	recordElement = "record"
)

// Problems of a document besides those of XML.
const (
	strayText    = "text between records"
	strayElement = "an element that is no record"
)

// Document is the body of one POST. Its root element is parsed; its records are not
// parsed yet.
type Document struct {
	// Session is a new GUID at every start of a Call Bridge, the same for all its
	// receivers.
	Session string
	// CallBridge is constant over restarts and can be absent.
	CallBridge string
	// Attributes of <records> that the guide does not list.
	Attributes []Attribute
	// Replaced counts the invalid characters that were replaced by U+FFFD in the
	// records so far: each control character, and each byte that is not part of a
	// UTF-8 character. Malformed parts are not changed.
	Replaced int

	scan   scanner
	number int // of the record read last
	// ended is set when nothing follows.
	ended  bool
	record Record
	tree   tree
	bodies bodies

	// The malformed part that is being collected, if badErr is set.
	badStart   int
	badErr     error
	badIndices []uint64
	// legible is set if the correlatorIndex of the last record could be parsed.
	legible bool
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

// Open parses the start tag of <records>. It uses the memory of a closed document, or
// a new one. A *SyntaxError or a *RootError means that the body is not a CDR document
// and was not sent by a Call Bridge.
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
	d.bodies.clear() // their texts keep the whole body in memory
	if nodes = nodes[:cap(nodes)]; len(nodes) <= keptNodes {
		clear(nodes)
		d.tree.nodes = nodes[:0]
	}
}

// Records yields the records and the malformed parts in document order; one of the
// two values is nil. After a loop ends early, the next one continues behind the last
// item.
//
// A malformed part extends from the first error to the next well-formed record, to
// </records>, or to the end of the body. Its error is the first one in it. A
// malformed part without bytes means that </records> is missing.
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
	place
	number, replaced int
	ended            bool
}

// Offset returns the position in bytes from the beginning of the body.
func (m Mark) Offset() int { return m.pos }

// Mark returns the position behind the last item.
func (d *Document) Mark() Mark {
	return Mark{place: d.scan.place, number: d.number, replaced: d.Replaced, ended: d.ended}
}

// Rewind moves to a position. Records continues there.
func (d *Document) Rewind(to Mark) {
	d.scan.place, d.scan.depth = to.place, 1
	d.number, d.Replaced, d.scan.replaced, d.ended = to.number, to.replaced, to.replaced, to.ended
}

// next returns the next item, or two nil values at the end. Between two items the
// scanner is directly below the root, and no malformed part is being collected.
func (d *Document) next() (*Record, *Malformed) {
	for !d.ended {
		var bad *Malformed
		before := d.Mark()
		d.legible = false
		switch d.scan.next() {
		case startTag:
			before.pos = d.scan.start
			err := d.element(before.pos)
			if err == nil && d.badErr == nil {
				return &d.record, nil
			}
			if err == nil {
				bad = d.flush(before) // the record is parsed again after it
			} else {
				bad = d.spoil(before, err)
			}
		case characters:
			if !blank(d.scan.text) {
				before.pos = d.scan.skipSpace(d.scan.start)
				bad = d.spoil(before, d.problem(before.pos, strayText))
			}
		case endTag:
			return nil, d.end(before)
		case failed:
			before.pos = d.scan.start
			err := d.syntaxError(0)
			d.record.CorrelatorIndex, d.legible = d.scan.recordIndex()
			if d.ended = before.pos == len(d.scan.src); !d.ended {
				d.resume(before.pos)
			}
			bad = d.spoil(before, err)
			if bad == nil && d.ended {
				bad = d.flush(before)
				d.ended = true
			}
		}
		if bad != nil {
			return nil, bad
		}
	}
	return nil, nil
}

// end parses what follows the root's end tag, which begins at the mark.
func (d *Document) end(before Mark) *Malformed {
	if d.badErr != nil {
		before.pos = d.scan.start
		return d.flush(before)
	}
	d.ended = true
	if d.scan.next() == failed {
		return d.malformed(d.scan.start, len(d.scan.src), d.syntaxError(0))
	}
	return nil
}

// element parses an element below the root, which should be a record. After an error
// the scanner is where parsing continues.
func (d *Document) element(start int) error {
	if d.scan.name == recordElement {
		d.number++
		return d.readRecord(start)
	}
	err := d.problem(start, strayElement)
	d.tree.begin("")
	if !d.tree.read(&d.scan) {
		d.resume(start)
	}
	return err
}
