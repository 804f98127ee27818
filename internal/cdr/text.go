package cdr

import (
	"strings"
	"unicode/utf8"
)

const replacement = '\uFFFD'

// textRewriter rewrites texts and attribute values: it expands references, converts line
// ends to \n, and replaces invalid characters. Most bodies need none of this; inspect
// determines once for each body what it needs.
type textRewriter struct {
	// Set if the body contains &, carriage returns, ]]> or invalid characters.
	references, returns, brackets, invalid bool
	// replaced counts the invalid characters that were replaced: each character that
	// XML does not allow, and each byte that is not part of a character.
	replaced int
	// store holds rewritten texts. When it is full, the next texts are stored in new
	// memory. Earlier texts stay valid and are not copied.
	store strings.Builder
}

// inspect determines what the body contains.
func (t *textRewriter) inspect(body string) {
	t.references = strings.IndexByte(body, '&') >= 0
	t.returns = strings.IndexByte(body, '\r') >= 0
	t.brackets = strings.Contains(body, "]]>")
	ascii, controls := classifyBytes(body)
	t.invalid = controls || !ascii && (!utf8.ValidString(body) ||
		strings.Contains(body, "\uFFFE") || strings.Contains(body, "\uFFFF"))
}

// classifyBytes reports whether all bytes are ASCII, and whether some are control
// characters that XML does not allow: bytes below 0x20 other than white space. It checks
// eight bytes at a time.
func classifyBytes(s string) (ascii, controls bool) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	var union uint64
	for ; len(s) >= 8; s = s[8:] {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		union |= w
		// The subtraction sets the high bit of each byte below 0x20, and of spaces that
		// follow it. hasControls checks the bytes one by one.
		if (w-0x20*ones)&^w&highs != 0 && !controls {
			controls = hasControls(s[:8])
		}
	}
	for i := range len(s) {
		union |= uint64(s[i])
	}
	return union&highs == 0, controls || hasControls(s)
}

func hasControls(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' && !isSpace(s[i]) {
			return true
		}
	}
	return false
}

// clean returns the rewritten text and -1, or the offset of an invalid reference.
// References are expanded only if references is set. The text shares the memory of raw
// if nothing changes.
func (s *scanner) clean(raw string, references bool) (text string, invalidAt int) {
	references = references && s.references && strings.IndexByte(raw, '&') >= 0
	returns := s.returns && strings.IndexByte(raw, '\r') >= 0
	invalid := 0
	if s.invalid {
		invalid = countInvalid(raw)
	}
	if !references && !returns && invalid == 0 {
		return raw, -1
	}
	s.replaced += invalid
	s.reserve(len(raw) + invalid*(utf8.RuneLen(replacement)-1))
	return s.rewrite(raw, references)
}

// reserve ensures that the store has space for n bytes. These count as scanned, because a text
// that is scanned again is stored again.
func (s *scanner) reserve(n int) {
	s.scanned += n
	if s.store.Cap()-s.store.Len() < n {
		s.store.Reset()
		s.store.Grow(max(n, 1024))
	}
}

// copy stores a copy of b.
func (s *scanner) copy(b []byte) string {
	s.reserve(len(b))
	from := s.store.Len()
	s.store.Write(b)
	return s.store.String()[from:]
}

func (t *textRewriter) rewrite(raw string, references bool) (text string, invalidAt int) {
	from, copied := t.store.Len(), 0 // the store has raw[:copied], rewritten
	for i := 0; i < len(raw); {
		var substitute rune
		var size int
		switch c := raw[i]; {
		case c == '&' && references:
			var ok bool
			if substitute, size, ok = reference(raw[i:]); !ok {
				return "", i
			}
		case c == '\r':
			substitute, size = '\n', 1
			if strings.HasPrefix(raw[i:], "\r\n") {
				size = 2
			}
		default:
			var ok bool
			if size, ok = character(raw[i:]); ok {
				i += size
				continue
			}
			substitute = replacement
		}
		t.store.WriteString(raw[copied:i])
		t.store.WriteRune(substitute)
		i += size
		copied = i
	}
	t.store.WriteString(raw[copied:])
	return t.store.String()[from:], -1
}

func countInvalid(s string) (n int) {
	for s != "" {
		size, ok := character(s)
		if !ok {
			n++
		}
		s = s[size:]
	}
	return n
}

// character returns the size of the first character of s and whether XML allows it. A
// byte that is not part of a character has size 1.
func character(s string) (size int, ok bool) {
	if c := s[0]; c < utf8.RuneSelf {
		return 1, c >= ' ' || isSpace(c)
	}
	r, size := utf8.DecodeRuneInString(s)
	return size, r != '\uFFFE' && r != '\uFFFF' && (r != utf8.RuneError || size > 1)
}

// reference parses the reference at the beginning of s: one of the five predefined
// entities, or a character number of at most ten decimal or nine hexadecimal digits.
func reference(s string) (r rune, size int, ok bool) {
	const maxLength = len("&#0000000000;")
	end := strings.IndexByte(s[:min(len(s), maxLength)], ';')
	if end < 0 {
		return 0, 0, false
	}
	switch name := s[1:end]; name {
	case "lt":
		r, ok = '<', true
	case "gt":
		r, ok = '>', true
	case "amp":
		r, ok = '&', true
	case "apos":
		r, ok = '\'', true
	case "quot":
		r, ok = '"', true
	default:
		r, ok = number(name)
	}
	return r, end + 1, ok
}

// number parses a character reference without & and ;, such as #38 or #x26.
func number(name string) (rune, bool) {
	digits, isNumber := strings.CutPrefix(name, "#")
	digits, isHex := strings.CutPrefix(digits, "x")
	base := rune(10)
	if isHex {
		base = 16
	}
	if !isNumber || digits == "" {
		return 0, false
	}
	var r rune
	for i := range len(digits) {
		digit := hexDigit(digits[i])
		if digit >= base || r > utf8.MaxRune {
			return 0, false
		}
		r = r*base + digit
	}
	if !utf8.ValidRune(r) {
		return 0, false
	}
	_, ok := character(string(r))
	return r, ok
}

// hexDigit returns the value of a hexadecimal digit, or 16 for another byte.
func hexDigit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10
	}
	return 16
}
