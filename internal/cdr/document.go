package cdr

import (
	"iter"
)

const (
	rootElement   = "records"
	recordElement = "record"
)

// The problems a document can have beside those of XML.
const (
	strayText    = "text between records"
	strayElement = "an element that is no record"
)

// Document is the body of one POST, opened: its root read, its records not yet.
type Document struct {
	// Session is new at every start of a Call Bridge, the same for all its
	// receivers.
	Session string
	// CallBridge is constant over restarts and may be absent.
	CallBridge string
	// Attributes are those of <records> that the guide does not list.
	Attributes []Attribute
	// Replaced counts the bad characters that became U+FFFD so far, in records
	// that were read: each control character, and each byte that is part of no
	// UTF-8 character. What is malformed keeps them as they came.
	Replaced int

	scan   scanner
	number int // of the record read last
	// ended: nothing follows.
	ended  bool
	record Record
	tree   tree
	bodies bodies

	// The bad stretch that is being passed over, if its error is set.
	badStart   int
	badErr     error
	badIndices []uint64
	// legible: the record read last has a correlatorIndex that could be read.
	legible bool
}

// Open reads up to the start tag of <records>. An error, a *SyntaxError or a
// *RootError, means that the body is not a CDR document at all and no Call
// Bridge sent it.
func Open(body string) (*Document, error) {
	d := new(Document)
	if err := d.Open(body); err != nil {
		return nil, err
	}
	return d, nil
}

// Open opens a body in the memory of a document that was closed, or is new.
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

// Close forgets what was read, so that another body can be opened in the memory. The
// records must not be used after it.
func (d *Document) Close() {
	nodes, bodies := d.tree.nodes, d.bodies
	*d = Document{bodies: bodies}
	d.bodies.clear() // their texts are parts of the whole body
	if nodes = nodes[:cap(nodes)]; len(nodes) <= keptNodes {
		clear(nodes)
		d.tree.nodes = nodes[:0]
	}
}

// Records yields the records in document order, and in their places what could
// not be read: one of the two is nil. A loop that was left can be entered again and
// goes on behind the item that it was left at.
//
// A Malformed is the whole stretch from where something is wrong to the next
// good record, to </records> or to the end of the body; its error is the first
// of the stretch. One without bytes says that </records> is missing.
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

// Mark is a place between two items of a document.
type Mark struct {
	place
	number, replaced int
	ended            bool
}

// Offset is the place in bytes from the beginning of the body.
func (m Mark) Offset() int { return m.pos }

// Mark is the place behind the item that was yielded last.
func (d *Document) Mark() Mark {
	return Mark{place: d.scan.place, number: d.number, replaced: d.Replaced, ended: d.ended}
}

// Rewind goes back to a place: Records yields again what follows it.
func (d *Document) Rewind(to Mark) {
	d.scan.place, d.scan.depth = to.place, 1
	d.number, d.Replaced, d.scan.replaced, d.ended = to.number, to.replaced, to.replaced, to.ended
}

// next returns the next item, or nothing at the end. Between two items the scanner
// stands directly below the root, and no bad stretch is open.
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
				bad = d.flush(before) // the record is read again behind it
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

// end reads what follows the root's end tag, in front of which a place is given.
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

// element reads an element below the root, which ought to be a record. After a
// failure in it, the scanner stands where reading goes on.
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
