package cdr

import "strings"

type token uint8

const (
	failed     token = iota // scanner.err says why
	skipped                 // a comment and the like: next goes on
	startTag                // name, attributes
	endTag                  // name
	characters              // text
	ended                   // the document is whole
)

// Bounds on what is read. Real records nest 7 deep, with 5 attributes at most.
const (
	maxDepth      = 32
	maxAttributes = 128
)

// The problems a scanner can find.
const (
	outsideRoot     = "text outside the root element"
	secondRoot      = "a second root element"
	noRoot          = "no root element"
	unclosedElement = "the document ends"
	unclosedComment = "a comment is not closed, or has -- within"
	unclosedCDATA   = "a CDATA section is not closed"
	unclosedPI      = "a processing instruction is not closed"
	strayBrackets   = "]]> in text"
	directive       = "a document type or other declaration"
	badInstruction  = "a processing instruction without a name of its own"
	badDeclaration  = "an XML declaration other than version 1.0 in UTF-8"
	badName         = "a name is missing or wrong"
	badTag          = "a tag is not closed"
	mismatchedTag   = "an end tag that does not match"
	tooDeep         = "too deep a nesting"
	badAttribute    = "an attribute without white space before it, = or quotes"
	unclosedValue   = "an attribute value is not closed, or has < within"
	duplicate       = "an attribute twice"
	manyAttributes  = "too many attributes"
	badReference    = "an unknown entity, a wrong character reference, or a bare &"
)

const byteOrderMark = "\ufeff"

// What ends a processing instruction, a CDATA section and, with a > behind it,
// a comment.
const (
	endOfPI      = "?>"
	endOfCDATA   = "]]>"
	endOfComment = "--"
)

// scanner pulls tokens from a body held as one string and knows nothing of
// records. It accepts well-formed XML 1.0 in UTF-8 without a DTD, and replaces
// characters that XML has no place for where they stand in text and attribute
// values. Names and texts are parts of the body, or of texts' storage.
//
// After a failure, pos is back at the beginning of the token that failed.
type scanner struct {
	src string
	place

	// The token read last. What next overwrites are attributes and text.
	start      int
	name       string
	attributes []Attribute
	text       string
	err        SyntaxError

	open   [maxDepth]string
	depth  int
	rooted bool

	texts
	few [8]Attribute
}

// place is all of a scanner that decides, at one depth, what it reads next.
type place struct {
	pos int
	// read counts bytes looked at, each time anew: the price of reading.
	read int
	// selfClosed: the end tag is still to be told.
	selfClosed bool
	// No terminator of a kind is found from these offsets on: without them each
	// of many unclosed comments would look through the whole rest.
	noPI, noCDATA, noComment int
}

func (s *scanner) init(body string) {
	s.src = body
	s.noPI, s.noCDATA, s.noComment = len(body)+1, len(body)+1, len(body)+1
	s.texts.look(body)
	s.attributes = s.few[:0]
	if strings.HasPrefix(body, byteOrderMark) {
		s.pos = len(byteOrderMark)
	}
}

// next reads up to the end of the next token.
func (s *scanner) next() token {
	if s.selfClosed {
		s.selfClosed = false
		return s.pop()
	}
	for {
		s.start = s.pos
		if t := s.one(); t != skipped {
			return t
		}
	}
}

func (s *scanner) one() token {
	rest := s.src[s.pos:]
	switch {
	case rest == "":
		return s.finish()
	case rest[0] != '<':
		return s.characters()
	case len(rest) == 1:
		return s.fail(s.pos, badTag)
	}
	switch rest[1] {
	case '/':
		return s.endTag()
	case '!':
		return s.exclamation(rest)
	case '?':
		return s.instruction()
	}
	return s.startTag()
}

func (s *scanner) finish() token {
	switch {
	case s.depth > 0:
		return s.fail(s.pos, unclosedElement)
	case !s.rooted:
		return s.fail(s.pos, noRoot)
	}
	return ended
}

func (s *scanner) characters() token {
	end := strings.IndexByte(s.src[s.pos:], '<')
	if end < 0 {
		end = len(s.src)
	} else {
		end += s.pos
	}
	raw := s.src[s.pos:end]
	if s.depth == 0 {
		if !blank(raw) {
			return s.fail(s.skipSpace(s.pos), outsideRoot)
		}
		s.advance(end)
		return skipped
	}
	if s.brackets {
		if i := strings.Index(raw, endOfCDATA); i >= 0 {
			return s.fail(s.pos+i, strayBrackets)
		}
	}
	text, bad := s.clean(raw, true)
	if bad >= 0 {
		return s.fail(s.pos+bad, badReference)
	}
	s.text = text
	s.advance(end)
	return characters
}

func (s *scanner) advance(to int) {
	s.read += to - s.start
	s.pos = to
}

// fail notes what is wrong at an offset, and steps back to where the token
// began: inside it, what comes next may be found.
func (s *scanner) fail(at int, problem string) token {
	s.read += at - s.start
	s.pos = s.start
	s.err = SyntaxError{Position: Position{Offset: at}, Problem: problem, Near: s.src[at:]}
	if s.depth > 0 {
		s.err.Element = s.open[s.depth-1]
	}
	return failed
}
