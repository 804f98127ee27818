package cdr

import "strings"

// commentOrCDATA scans a comment or a CDATA section. Other markup that begins with "<!" is
// an error.
func (s *scanner) commentOrCDATA(rest string) token {
	switch {
	case strings.HasPrefix(rest, "<!--"):
		return s.comment()
	case !strings.HasPrefix(rest, "<![CDATA["):
		return s.fail(s.pos, directive)
	case s.depth == 0:
		return s.fail(s.pos, outsideRoot)
	}
	return s.cdataSection()
}

func (s *scanner) comment() token {
	end := s.find(endOfComment, s.pos+len("<!--"), &s.noComment)
	if end < 0 {
		return s.fail(s.pos, unclosedComment)
	}
	if !strings.HasPrefix(s.src[end:], "-->") {
		return s.failAfter(end, s.pos, unclosedComment)
	}
	s.advance(end + len("-->"))
	return skipped
}

func (s *scanner) cdataSection() token {
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
	if after := s.src[i:]; after != "" && !isSpace(after[0]) && !strings.HasPrefix(after, endOfPI) {
		return s.failAfter(i, s.pos, badInstruction)
	}
	end := s.find(endOfPI, i, &s.noPI)
	if end < 0 {
		s.scanned += i - begin // the name was read
		return s.fail(s.pos, unclosedPI)
	}
	s.advance(end + len(endOfPI))
	return skipped
}

// declaration scans the rest of an XML declaration, which is only allowed at the
// beginning of a body.
func (s *scanner) declaration(i int) token {
	if strings.TrimPrefix(s.src[:s.pos], byteOrderMark) != "" || !strings.HasPrefix(s.src[s.pos:], "<?xml") {
		return s.fail(s.pos, badInstruction)
	}
	i = s.readAttributes(i)
	if i < 0 || !strings.HasPrefix(s.src[i:], endOfPI) || !isSupported(s.attributes) {
		return s.fail(s.pos, badDeclaration)
	}
	s.advance(i + len(endOfPI))
	return skipped
}

// isSupported reports whether the attributes of an XML declaration are those of version
// 1.0 in UTF-8, in the order that XML requires.
func isSupported(attributes []Attribute) bool {
	for i, a := range attributes {
		ok := false
		switch a.Name {
		case "version":
			ok = i == 0 && a.Value == "1.0"
		case "encoding":
			ok = i == 1 && strings.EqualFold(a.Value, "UTF-8")
		case "standalone":
			ok = i > 0 && (a.Value == "yes" || a.Value == "no")
		}
		if !ok {
			return false
		}
	}
	return len(attributes) > 0
}

// find returns the offset of the first terminator at or after from, or -1. *noneFrom is the
// offset from which an earlier search found none, or is beyond the body if none failed. A
// search from *noneFrom or a later offset returns -1 at once.
func (s *scanner) find(terminator string, from int, noneFrom *int) int {
	if from >= *noneFrom {
		return -1
	}
	i := strings.Index(s.src[from:], terminator)
	if i < 0 {
		s.scanned += len(s.src) - from
		*noneFrom = from
		return -1
	}
	return from + i
}
