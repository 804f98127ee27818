package cdr

import (
	"strings"
	"unicode/utf8"
)

// spoil begins a malformed part, or continues one, with the input from the mark on. A
// part that would become too long is returned instead, and the input is scanned
// again.
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

// flush returns the malformed part, which ends at the mark. Scanning continues there.
func (d *Document) flush(to Mark) *Malformed {
	m := d.malformed(d.badStart, to.pos, d.badErr)
	m.Indices = d.badIndices
	d.badErr = nil
	to.read = d.scan.read // scanning again adds to the cost
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

// resume continues after a failure in the token or element at start: at the next tag
// of a record or of the root's end, even inside a comment that was scanned, because
// the comment may be the mistake. A body can be made to be scanned again and again;
// when that has cost twice its length, scanned input is skipped.
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

// boundary returns the offset of the next tag of a record or of the root's end.
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

// beginsWith reports whether s begins with the tag and not with a longer name.
func beginsWith(s, tag string) bool {
	rest, ok := strings.CutPrefix(s, tag)
	return ok && rest != "" && (isSpace(rest[0]) || rest[0] == '>' || rest[0] == '/')
}

// syntaxError returns the scanner's error. In a malformed part it returns the first
// error, so that a body full of errors does not allocate for each.
func (d *Document) syntaxError(record int) error {
	if d.badErr != nil {
		return d.badErr
	}
	e := d.scan.err
	e.Record, e.Near, e.Element = record, excerpt(e.Near), excerpt(e.Element)
	return &e
}

// problem is syntaxError for well-formed input that is not allowed at this place.
func (d *Document) problem(at int, problem string) error {
	if d.badErr != nil {
		return d.badErr
	}
	return &SyntaxError{
		Position: Position{Offset: at}, Problem: problem,
		Near: excerpt(d.scan.src[at:]), Element: rootElement,
	}
}
