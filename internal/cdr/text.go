package cdr

import (
	"strings"
	"unicode/utf8"
)

const replacement = '\uFFFD'

// texts rewrites character data: it expands references, converts line ends to \n, and
// replaces invalid characters. Most bodies need none of this, which one pass over the
// body determines.
type texts struct {
	// What the body contains.
	references, returns, brackets, bad bool
	// replaced counts invalid characters: each control character, and each byte that
	// is not part of a character.
	replaced int
	// store holds rewritten texts. A full store is abandoned, not copied, so each
	// text is copied once.
	store strings.Builder
}

func (t *texts) look(body string) {
	t.references = strings.IndexByte(body, '&') >= 0
	t.returns = strings.IndexByte(body, '\r') >= 0
	t.brackets = strings.Contains(body, "]]>")
	ascii, controls := census(body)
	t.bad = controls || !ascii && (!utf8.ValidString(body) ||
		strings.Contains(body, "\uFFFE") || strings.Contains(body, "\uFFFF"))
}

// census reports whether all bytes are ASCII and whether some are control characters.
// It checks eight bytes at a time.
func census(s string) (ascii, controls bool) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	var any uint64
	for ; len(s) >= 8; s = s[8:] {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		any |= w
		// The subtraction sets the high bit of each byte below 0x20, and possibly of
		// the next byte. hasControls checks the bytes one by one.
		if (w-0x20*ones)&^w&highs != 0 && !controls {
			controls = hasControls(s[:8])
		}
	}
	for i := range len(s) {
		any |= uint64(s[i])
	}
	return any&highs == 0, controls || hasControls(s)
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
func (t *texts) clean(raw string, references bool) (text string, wrong int) {
	references = references && t.references && strings.IndexByte(raw, '&') >= 0
	returns := t.returns && strings.IndexByte(raw, '\r') >= 0
	bad := 0
	if t.bad {
		bad = countBad(raw)
	}
	if !references && !returns && bad == 0 {
		return raw, -1
	}
	t.replaced += bad
	t.reserve(len(raw) + bad*(utf8.UTFMax-1))
	return t.rewrite(raw, references)
}

func (t *texts) reserve(n int) {
	if t.store.Cap()-t.store.Len() < n {
		t.store.Reset()
		t.store.Grow(max(n, 1024))
	}
}

// copy stores a text that was assembled elsewhere.
func (t *texts) copy(b []byte) string {
	t.reserve(len(b))
	from := t.store.Len()
	t.store.Write(b)
	return t.store.String()[from:]
}

func (t *texts) rewrite(raw string, references bool) (text string, wrong int) {
	from, done := t.store.Len(), 0
	for i := 0; i < len(raw); {
		var instead rune
		var size int
		switch c := raw[i]; {
		case c == '&' && references:
			var ok bool
			if instead, size, ok = reference(raw[i:]); !ok {
				return "", i
			}
		case c == '\r':
			instead, size = '\n', 1
			if strings.HasPrefix(raw[i:], "\r\n") {
				size = 2
			}
		default:
			var ok bool
			if size, ok = character(raw[i:]); ok {
				i += size
				continue
			}
			instead = replacement
		}
		t.store.WriteString(raw[done:i])
		t.store.WriteRune(instead)
		i += size
		done = i
	}
	t.store.WriteString(raw[done:])
	return t.store.String()[from:], -1
}

func countBad(s string) (n int) {
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
// entities, or a character number.
func reference(s string) (r rune, size int, ok bool) {
	const longest = len("&#0000000000;")
	end := strings.IndexByte(s[:min(len(s), longest)], ';')
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

// number parses the inside of a character reference, such as #38 or #x26.
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

// hexDigit returns the value of a digit, or 16.
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
