package cdr

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

func (s *scanner) startTag() token {
	i := s.nameEnd(s.pos + 1)
	switch {
	case i < 0:
		return s.fail(s.pos, badName)
	case s.depth == 0 && s.hasRoot:
		return s.failAfter(i, s.pos, secondRoot)
	case s.depth == maxDepth:
		return s.failAfter(i, s.pos, tooDeep)
	}
	name := s.src[s.pos+1 : i]
	i = s.readAttributes(i)
	if i < 0 {
		return failed
	}
	switch rest := s.src[i:]; {
	case strings.HasPrefix(rest, ">"):
		s.advance(i + 1)
	case strings.HasPrefix(rest, "/>"):
		s.advance(i + 2)
		s.selfClosed = true
	default:
		return s.fail(i, badTag)
	}
	s.name = name
	s.open[s.depth] = name
	s.depth++
	s.hasRoot = true
	return startTag
}

func (s *scanner) endTag() token {
	if s.depth == 0 {
		return s.fail(s.pos, mismatchedTag)
	}
	name := s.open[s.depth-1]
	i := s.pos + len("</")
	if !strings.HasPrefix(s.src[i:], name) {
		return s.fail(s.pos, mismatchedTag)
	}
	i = s.skipSpace(i + len(name))
	if i == len(s.src) || s.src[i] != '>' {
		return s.failAfter(i, s.pos, mismatchedTag)
	}
	s.advance(i + 1)
	return s.pop()
}

// pop closes the innermost open element.
func (s *scanner) pop() token {
	s.depth--
	s.name = s.open[s.depth]
	return endTag
}

// readAttributes scans attributes and white space. It returns the offset after them,
// or -1 after a failure.
func (s *scanner) readAttributes(i int) int {
	s.attributes = s.attributes[:0]
	for {
		next := s.skipSpace(i)
		if next == len(s.src) {
			return next
		}
		switch s.src[next] {
		case '>', '/', '?':
			return next
		}
		if next == i {
			s.fail(i, badAttribute)
			return -1
		}
		if i = s.readAttribute(next); i < 0 {
			return -1
		}
	}
}

// readAttribute scans one attribute. It returns the offset after it, or -1 after a
// failure.
func (s *scanner) readAttribute(start int) int {
	i := s.nameEnd(start)
	if i < 0 {
		s.fail(start, badName)
		return -1
	}
	name := s.src[start:i]
	i = s.skipSpace(i)
	hasValue := i < len(s.src) && s.src[i] == '='
	if hasValue {
		i = s.skipSpace(i + 1)
	}
	if !hasValue || i == len(s.src) || s.src[i] != '"' && s.src[i] != '\'' {
		s.failAfter(i, start, badAttribute)
		return -1
	}
	end := s.valueEnd(i)
	if end < 0 {
		return -1
	}
	value, invalidAt := s.clean(s.src[i+1:end], true)
	if invalidAt >= 0 {
		s.failAfter(end, i+1+invalidAt, badReference)
		return -1
	}
	if !s.addAttribute(name, value, start) {
		s.scanned += end - start // the value was read
		return -1
	}
	return end + 1
}

// valueEnd returns the offset of the closing quote, or -1 after a failure.
func (s *scanner) valueEnd(quote int) int {
	value := s.src[quote+1:]
	n := strings.IndexByte(value, s.src[quote])
	if n < 0 {
		s.scanned += len(value) // the search reached the end of the body
		s.fail(quote, unclosedValue)
		return -1
	}
	if i := strings.IndexByte(value[:n], '<'); i >= 0 {
		s.scanned += n - i // the search for the quote read beyond the <
		s.fail(quote+1+i, unclosedValue)
		return -1
	}
	return quote + 1 + n
}

// addAttribute appends an attribute of the tag and reports whether that is allowed.
func (s *scanner) addAttribute(name, value string, at int) bool {
	if len(s.attributes) == maxAttributes {
		s.fail(at, manyAttributes)
		return false
	}
	for _, a := range s.attributes {
		if a.Name == name {
			s.fail(at, repeated)
			return false
		}
	}
	s.attributes = append(s.attributes, Attribute{Name: name, Value: value})
	return true
}

func (s *scanner) skipSpace(i int) int {
	for i < len(s.src) && isSpace(s.src[i]) {
		i++
	}
	return i
}

// nameEnd returns the end of the name that begins at i, or -1 if i is not at a name. In that
// case it counts the bytes that it read.
func (s *scanner) nameEnd(i int) int {
	start := i
	for i < len(s.src) && nameBytes[s.src[i]] {
		i++
	}
	if i > start && s.src[start] < 'A' { // a digit, - or .
		s.scanned += i - start
		return -1
	}
	if i < len(s.src) && (s.src[i] == ':' || s.src[i] >= utf8.RuneSelf) {
		return s.unicodeNameEnd(start)
	}
	if i == start {
		return -1
	}
	return i
}

// unicodeNameEnd is nameEnd for names with a prefix or non-ASCII letters. It accepts the
// letters, marks and digits of package unicode. These are not exactly the characters that
// XML allows: the middle dot is not among them.
func (s *scanner) unicodeNameEnd(start int) int {
	colons, end := 0, len(s.src)
	for i, r := range s.src[start:] {
		first := r == '_' || r == ':' || unicode.IsLetter(r)
		if !first && (i == 0 || r != '-' && r != '.' && !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			end = start + i
			break
		}
		if r == ':' {
			colons++
		}
	}
	s.scanned += end - start // in a name, these bytes count twice, because package unicode is slow
	if end == start || colons > 1 {
		return -1
	}
	return end
}

// nameBytes is true for the ASCII characters that a name can contain, except the
// colon.
var nameBytes = func() (allowed [256]bool) {
	for c := range allowed {
		allowed[c] = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			c == '_' || c == '-' || c == '.'
	}
	return allowed
}()

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// blank reports whether s has only white space.
func blank[T string | []byte](s T) bool {
	for i := range len(s) {
		if !isSpace(s[i]) {
			return false
		}
	}
	return true
}
