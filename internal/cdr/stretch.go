package cdr

import (
	"strings"
	"unicode/utf8"
)

// spoil begins a bad stretch, or goes on with one, with what was read from the place
// on. A stretch that would become too long is returned instead, and what was read is
// read again.
func (d *Document) spoil(from Mark, err error) *Malformed {
	if d.badErr != nil && d.scan.pos-d.badStart > MaxRecord {
		return d.flush(from)
	}
	if d.badErr == nil {
		d.badStart, d.badErr, d.badIndices = from.pos, err, nil
	}
	if d.legible {
		if len(d.badIndices) < maxIndices {
			d.badIndices = append(d.badIndices, d.record.CorrelatorIndex)
		}
		d.legible = false
	}
	d.scan.replaced = d.Replaced
	return nil
}

// flush returns the bad stretch, which ends at the place. Reading goes on there.
func (d *Document) flush(to Mark) *Malformed {
	m := d.malformed(d.badStart, to.pos, d.badErr)
	m.Indices = d.badIndices
	d.badErr = nil
	to.read = d.scan.read // reading twice costs twice
	d.Rewind(to)
	return m
}

func (d *Document) malformed(from, to int, err error) *Malformed {
	m := &Malformed{Bytes: d.scan.src[from:to], Size: to - from, Err: err}
	if m.Size == 0 {
		m.Document = d.scan.src
	}
	if m.Size > MaxRecord {
		m.Document = m.Bytes
		end := MaxRecord
		for end > MaxRecord-utf8.UTFMax && !utf8.RuneStart(m.Bytes[end]) {
			end--
		}
		m.Bytes = m.Bytes[:end]
	}
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
