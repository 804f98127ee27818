package cdr

import (
	"strings"
	"unicode/utf8"
)

// extendMalformed adds the input from the mark to the scanner's position to the
// malformed part, or begins a new part with it. err is the error of a new part. If the
// part would become longer than MaxRecord, it is returned instead, and the input is
// scanned again.
func (d *Document) extendMalformed(from Mark, err error) *Malformed {
	if d.malformedErr != nil && d.scan.pos-d.malformedStart > MaxRecord {
		return d.flush(from)
	}
	if d.malformedErr == nil {
		d.malformedStart, d.malformedErr, d.malformedIndices = from.pos, err, nil
	}
	if d.indexParsed {
		if len(d.malformedIndices) < maxIndices {
			d.malformedIndices = append(d.malformedIndices, d.record.CorrelatorIndex)
		}
		d.indexParsed = false
	}
	d.scan.replaced = d.Replaced
	return nil
}

// flush returns the malformed part, which ends at the mark. Scanning continues there.
func (d *Document) flush(to Mark) *Malformed {
	m := d.malformed(d.malformedStart, to.pos, d.malformedErr)
	m.Indices = d.malformedIndices
	d.malformedErr = nil
	to.scanned = d.scan.scanned // bytes that are scanned again count again
	d.Rewind(to)
	return m
}

// malformed returns the part of the body between two offsets.
func (d *Document) malformed(from, to int, err error) *Malformed {
	m := &Malformed{Bytes: d.scan.src[from:to], Size: to - from, Err: err}
	if m.Size == 0 {
		m.Identity = d.scan.src
	}
	if m.Size > MaxRecord {
		m.Identity = m.Bytes
		m.Bytes = m.Bytes[:CharacterStart(m.Bytes, MaxRecord)]
	}
	return m
}

// CharacterStart returns where to cut a text so that at most offset bytes remain and no
// character is divided: at the beginning of the character of which the byte at offset is a
// part. It returns the length of a text that is not longer than the offset, and the offset
// itself if the bytes there are not UTF-8.
func CharacterStart(text string, offset int) int {
	if offset >= len(text) {
		return len(text)
	}
	for start := offset; start >= 0 && start > offset-utf8.UTFMax; start-- {
		if utf8.RuneStart(text[start]) {
			return start
		}
	}
	return offset // it is not UTF-8
}

// resume continues after a failure in the token or element at start. It moves to the
// next start tag of a record or end tag of the root, even inside a comment that was
// scanned, because the comment may be the mistake. A hostile body could be scanned many
// times this way. Therefore resume no longer moves back once the bytes that were scanned
// again are more than twice the length of the body.
func (d *Document) resume(start int) {
	s := &d.scan
	from := start + 1
	if s.scanned-s.pos > 2*len(s.src) {
		from = max(from, s.pos)
	}
	next := boundary(s.src, from)
	s.scanned += next - from
	s.pos, s.depth, s.selfClosed = next, 1, false
}

// boundary returns the offset of the next start tag of a record or end tag of the root,
// or of the end of the body if there is none.
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

// beginsWith reports whether s begins with the tag, and not with one whose name is longer.
func beginsWith(s, tag string) bool {
	rest, ok := strings.CutPrefix(s, tag)
	return ok && rest != "" && (isSpace(rest[0]) || rest[0] == '>' || rest[0] == '/')
}

// syntaxError returns the scanner's error. In a malformed part it returns the first
// error, so that a body full of errors does not allocate for each.
func (d *Document) syntaxError(record int) error {
	if d.malformedErr != nil {
		return d.malformedErr
	}
	e := d.scan.err
	e.Record, e.Near, e.Element = record, excerpt(e.Near), excerpt(e.Element)
	return &e
}

// notAllowed is like syntaxError, but for input that is well-formed and not allowed. at is
// the offset of that input.
func (d *Document) notAllowed(at int, problem string) error {
	if d.malformedErr != nil {
		return d.malformedErr
	}
	return &SyntaxError{
		Position: Position{Offset: at}, Problem: problem,
		Near: excerpt(d.scan.src[at:]), Element: rootElement,
	}
}
