package cdr

import "strings"

type token uint8

const (
	failed     token = iota // scanner.err is set
	skipped                 // a comment, XML declaration or processing instruction; or white space outside the root
	startTag                // scanner.name and scanner.attributes are set
	endTag                  // scanner.name is set
	characters              // scanner.text is set
	endOfBody               // after the root element
)

// Limits of the scanner. Real records have a depth of at most 7 and at most 5 attributes
// in a tag.
const (
	maxDepth      = 32
	maxAttributes = 128
)

// Problems that the scanner reports.
const (
	outsideRoot     = "text outside the root element"
	secondRoot      = "a second root element"
	noRoot          = "no root element"
	unclosedElement = "the document ends"
	unclosedComment = "a comment is not closed or contains --"
	unclosedCDATA   = "a CDATA section is not closed"
	unclosedPI      = "a processing instruction is not closed"
	strayBrackets   = "]]> in text"
	directive       = "a document type or other declaration"
	badInstruction  = "a processing instruction without a valid name, or an XML declaration after the beginning"
	badDeclaration  = "an XML declaration other than version 1.0 in UTF-8"
	badName         = "a name is missing or invalid"
	badTag          = "a tag is not closed"
	mismatchedTag   = "an end tag that does not match"
	tooDeep         = "elements are nested too deep"
	badAttribute    = "an attribute without =, without quotes, or without white space before it"
	unclosedValue   = "an attribute value is not closed or contains <"
	repeated        = "a repeated attribute"
	manyAttributes  = "too many attributes"
	badReference    = "an unknown entity, a wrong character reference, or a bare &"
)

const byteOrderMark = "\ufeff"

// Terminators of a processing instruction, a CDATA section and a comment. A comment ends
// with "-->"; endOfComment is its first part, because XML allows "--" nowhere else in a
// comment.
const (
	endOfPI      = "?>"
	endOfCDATA   = "]]>"
	endOfComment = "--"
)

// scanner splits a body, held as one string, into tokens. It accepts well-formed XML
// 1.0 in UTF-8 without a DTD, and replaces characters that XML does not allow in text
// and attribute values. Names and texts share the memory of the body or of the
// store of rewritten texts.
//
// After a failure, pos is the beginning of the failed token.
type scanner struct {
	src string
	scanState

	// The last token. The next call of next overwrites it.
	start      int
	name       string
	attributes []Attribute
	text       string
	err        SyntaxError

	open    [maxDepth]string
	depth   int
	hasRoot bool

	textRewriter
	attributeBuffer [8]Attribute
}

// scanState is the part of the scanner's state that a Mark holds and Rewind restores.
// Rewind also sets the depth, to 1, because items are directly below the root.
type scanState struct {
	pos int
	// scanned counts the scanned bytes and those reserved for rewritten texts. Bytes that
	// are scanned again after a failure count again, because resume limits how many these
	// are. Rewind restores the count of the Mark, so that resume decides as before, and
	// Records yields the same items.
	scanned int
	// selfClosed is set if the end tag of a self-closing element is next.
	selfClosed bool
	// Offsets from which the body has no terminator of a processing instruction, CDATA
	// section or comment. Without them each of many unclosed instructions would cost a
	// search through the rest of the body.
	noPI, noCDATA, noComment int
}

func (s *scanner) init(body string) {
	s.src = body
	s.noPI, s.noCDATA, s.noComment = len(body)+1, len(body)+1, len(body)+1
	s.textRewriter.inspect(body)
	s.attributes = s.attributeBuffer[:0]
	if strings.HasPrefix(body, byteOrderMark) {
		s.pos = len(byteOrderMark)
	}
}

// next scans the next token.
func (s *scanner) next() token {
	if s.selfClosed {
		s.selfClosed = false
		return s.pop()
	}
	for {
		s.start = s.pos
		if t := s.scanToken(); t != skipped {
			return t
		}
	}
}

func (s *scanner) scanToken() token {
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
		return s.commentOrCDATA(rest)
	case '?':
		return s.instruction()
	}
	return s.startTag()
}

func (s *scanner) finish() token {
	switch {
	case s.depth > 0:
		return s.fail(s.pos, unclosedElement)
	case !s.hasRoot:
		return s.fail(s.pos, noRoot)
	}
	return endOfBody
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
			return s.failAfter(end, s.pos+i, strayBrackets)
		}
	}
	text, invalidAt := s.clean(raw, true)
	if invalidAt >= 0 {
		return s.failAfter(end, s.pos+invalidAt, badReference)
	}
	s.text = text
	s.advance(end)
	return characters
}

func (s *scanner) advance(to int) {
	s.scanned += to - s.start
	s.pos = to
}

// failAfter is like fail, for a token that was read beyond the problem, up to the offset read.
// These bytes count too: otherwise a long token could be read many times after resume moved
// back.
func (s *scanner) failAfter(read, at int, problem string) token {
	s.scanned += read - at
	return s.fail(at, problem)
}

// fail records a problem at an offset and moves back to the beginning of the token,
// because the next record may begin inside it.
func (s *scanner) fail(at int, problem string) token {
	s.scanned += at - s.start
	s.pos = s.start
	s.err = SyntaxError{Position: Position{Offset: at}, Problem: problem, Near: s.src[at:]}
	if s.depth > 0 {
		s.err.Element = s.open[s.depth-1]
	}
	return failed
}
