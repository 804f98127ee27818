package cdr

import (
	"iter"
	"strings"
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
	record Record
	tree   tree
	bodies bodies
	// done: nothing is left to yield.
	done bool

	// The bad stretch that is being passed over, if its error is set: from where
	// to where, and the indices that could be read in it. index is that of the
	// record read last.
	badStart, badEnd int
	badErr           error
	badIndices       []uint64
	index            Optional[uint64]
}

// Open reads up to the start tag of <records>. An error, a *SyntaxError or a
// *RootError, means that the body is not a CDR document at all and no Call
// Bridge sent it.
func Open(body string) (*Document, error) {
	d := new(Document)
	d.scan.init(body)
	if d.scan.next() != startTag {
		return nil, d.syntaxError(0)
	}
	if d.scan.name != rootElement {
		return nil, &RootError{Position: Position{Offset: d.scan.start}, Root: excerpt(d.scan.name)}
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
	return d, nil
}

// Records yields the records in document order, and in their places what could
// not be read: one of the two is nil. A loop that was left early is continued by
// ranging again.
//
// A Malformed is the whole stretch from where something is wrong to the next
// good record, to </records> or to the end of the body; its error is the first
// of the stretch. Several bad things are a stretch of no more than MaxBytes
// together. One without bytes says that </records> is missing.
func (d *Document) Records() iter.Seq2[*Record, *Malformed] {
	return func(yield func(*Record, *Malformed) bool) {
		for !d.done {
			r, m := d.step()
			if (r != nil || m != nil) && !yield(r, m) {
				return
			}
		}
	}
}

// step reads one token of the root's content, or one element. What it returns
// is nil while a bad stretch lasts, and where there is nothing to yield.
func (d *Document) step() (*Record, *Malformed) {
	before := d.Mark()
	d.index = Optional[uint64]{}
	switch d.scan.next() {
	case startTag:
		start := d.scan.start
		if err := d.element(start); err != nil {
			return nil, d.spoil(before, start, err)
		}
		if d.badErr != nil {
			return nil, d.flush(before, start)
		}
		return &d.record, nil
	case characters:
		if !blank(d.scan.text) {
			start := d.scan.skipSpace(d.scan.start)
			return nil, d.spoil(before, start, d.problem(start, strayText))
		}
	case endTag:
		if d.badErr != nil {
			return nil, d.flush(before, d.scan.start)
		}
		d.done = true
		if d.scan.next() == failed {
			return nil, NewMalformed(d.scan.src[d.scan.start:], d.syntaxError(0))
		}
	case failed:
		start, err := d.scan.start, d.syntaxError(0)
		if start == len(d.scan.src) {
			d.done = true
			return nil, d.ends(start, err)
		}
		d.index = d.scan.recordIndex()
		d.resume(start)
		return nil, d.spoil(before, start, err)
	}
	return nil, nil
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

// spoil begins a bad stretch with what was read last, or goes on with one. A
// stretch that would become too large is returned, and what was read last is
// read again as the beginning of another.
func (d *Document) spoil(before Mark, start int, err error) *Malformed {
	if d.badErr != nil && d.scan.pos-d.badStart > MaxBytes {
		return d.flush(before, start)
	}
	if d.badErr == nil {
		d.badStart, d.badErr, d.badIndices = start, err, nil
	}
	d.badEnd = d.scan.pos
	if d.index.Present && len(d.badIndices) < maxIndices {
		d.badIndices = append(d.badIndices, d.index.Value)
	}
	d.scan.replaced = d.Replaced
	return nil
}

// ends returns the bad stretch that the end of the body ends; if there is none,
// that </records> is missing.
func (d *Document) ends(at int, err error) *Malformed {
	if d.badErr != nil {
		return d.stretch(at)
	}
	m := NewMalformed("", err)
	m.Whole = d.scan.src
	return m
}

// stretch returns the bad stretch, which ends here. White space and comments
// behind it are a part of it where there is room.
func (d *Document) stretch(end int) *Malformed {
	if end-d.badStart > MaxBytes {
		end = d.badEnd
	}
	m := NewMalformed(d.scan.src[d.badStart:end], d.badErr)
	m.Indices = d.badIndices
	return m
}

// flush returns the bad stretch that ends here, and steps back behind it: what
// follows is read again by the next step, so that no record is held between two.
func (d *Document) flush(before Mark, end int) *Malformed {
	m := d.stretch(end)
	read := d.scan.read // reading twice costs twice
	d.Rewind(before)
	d.scan.read = read
	return m
}

// resume goes on after a failure in what began at start: at the next tag of a
// record or of the root's end, even if that stands in a comment that the
// failed reading passed, since the comment may be the mistake. But a body made
// to be read again and again is not: past twice its length, what was read is
// passed over.
func (d *Document) resume(start int) {
	s := &d.scan
	from := start + 1
	if s.read-s.pos > 2*len(s.src) {
		from = max(from, s.pos)
	}
	next := boundary(s.src, from)
	s.read += next - from
	s.pos, s.depth, s.selfClosed = next, 1, false
}

// boundary returns where the next tag of a record or of the root's end begins.
func boundary(body string, from int) int {
	for i := from; i < len(body); i++ {
		n := strings.IndexByte(body[i:], '<')
		if n < 0 {
			break
		}
		i += n
		if beginsWith(body[i:], "</"+rootElement) || beginsWith(body[i:], "<"+recordElement) {
			return i
		}
	}
	return len(body)
}

// beginsWith says that s begins with that tag, and not with a longer name.
func beginsWith(s, tag string) bool {
	rest, ok := strings.CutPrefix(s, tag)
	return ok && rest != "" && (isSpace(rest[0]) || rest[0] == '>' || rest[0] == '/')
}

// syntaxError tells of the scanner's failure, unless in a stretch that is bad
// already: what follows there may have no other fault, and would cost a body
// of nothing but faults an allocation each.
func (d *Document) syntaxError(record int) error {
	if d.badErr != nil {
		return d.badErr
	}
	e := d.scan.err
	e.Record, e.Near, e.Element = record, excerpt(e.Near), excerpt(e.Element)
	return &e
}

// problem is syntaxError for what is well-formed but has no place here.
func (d *Document) problem(at int, problem string) error {
	if d.badErr != nil {
		return d.badErr
	}
	return &SyntaxError{
		Position: Position{Offset: at}, Problem: problem,
		Near: excerpt(d.scan.src[at:]), Element: rootElement,
	}
}
