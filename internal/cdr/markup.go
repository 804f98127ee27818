package cdr

import "strings"

// exclamation parses a comment or a CDATA section; nothing else that begins with "<!"
// is allowed.
func (s *scanner) exclamation(rest string) token {
	switch {
	case strings.HasPrefix(rest, "<!--"):
		return s.comment()
	case !strings.HasPrefix(rest, "<![CDATA["):
		return s.fail(s.pos, directive)
	case s.depth == 0:
		return s.fail(s.pos, outsideRoot)
	}
	return s.section()
}

func (s *scanner) comment() token {
	end := s.find(endOfComment, s.pos+len("<!--"), &s.noComment)
	if end < 0 || !strings.HasPrefix(s.src[end:], "-->") {
		return s.fail(s.pos, unclosedComment)
	}
	s.advance(end + len("-->"))
	return skipped
}

func (s *scanner) section() token {
	begin := s.pos + len("<![CDATA[")
	end := s.find(endOfCDATA, begin, &s.noCDATA)
	if end < 0 {
		return s.fail(s.pos, unclosedCDATA)
	}
	s.text, _ = s.clean(s.src[begin:end], false)
	s.advance(end + len(endOfCDATA))
	return characters
}

func (s *scanner) instruction() token {
	begin := s.pos + len("<?")
	i := s.nameEnd(begin)
	if i < 0 {
		return s.fail(s.pos, badInstruction)
	}
	if strings.EqualFold(s.src[begin:i], "xml") {
		return s.declaration(i)
	}
	end := s.find(endOfPI, i, &s.noPI)
	switch {
	case end < 0:
		return s.fail(s.pos, unclosedPI)
	case end > i && !isSpace(s.src[i]):
		return s.fail(s.pos, badInstruction)
	}
	s.advance(end + len(endOfPI))
	return skipped
}

// declaration parses the rest of an XML declaration, which is only allowed at the
// beginning of a document.
func (s *scanner) declaration(i int) token {
	if strings.TrimPrefix(s.src[:s.pos], byteOrderMark) != "" || !strings.HasPrefix(s.src[s.pos:], "<?xml") {
		return s.fail(s.pos, badInstruction)
	}
	i = s.readAttributes(i)
	if i < 0 || !strings.HasPrefix(s.src[i:], endOfPI) || !declares(s.attributes) {
		return s.fail(s.pos, badDeclaration)
	}
	s.advance(i + len(endOfPI))
	return skipped
}

func declares(attributes []Attribute) bool {
	for i, a := range attributes {
		good := false
		switch a.Name {
		case "version":
			good = i == 0 && a.Value == "1.0"
		case "encoding":
			good = i == 1 && strings.EqualFold(a.Value, "UTF-8")
		case "standalone":
			good = i > 0 && (a.Value == "yes" || a.Value == "no")
		}
		if !good {
			return false
		}
	}
	return len(attributes) > 0
}

// find returns the offset of a terminator, or -1. An earlier search that found none
// is not repeated.
func (s *scanner) find(terminator string, from int, none *int) int {
	if from >= *none {
		return -1
	}
	i := strings.Index(s.src[from:], terminator)
	if i < 0 {
		s.read += len(s.src) - from
		*none = from
		return -1
	}
	return from + i
}
