package cdr

import "strings"

const (
	guidLength          = len("00000000-0000-0000-0000-000000000000")
	lengthWithoutDashes = guidLength - 4
)

// guid returns a GUID in the spelling of Meeting Server: lower case, with dashes, without
// braces. A text that is no GUID is returned without the white space around it. guid
// allocates only if the spelling changes.
func guid(s string) string {
	s = strings.TrimSpace(s)
	if isNormal(s) {
		return s
	}
	bare := s
	if len(s) > 1 && s[0] == '{' && s[len(s)-1] == '}' {
		bare = s[1 : len(s)-1]
	}
	if len(bare) != guidLength && len(bare) != lengthWithoutDashes {
		return s
	}
	var normal [guidLength]byte
	rest := bare
	for i := range normal {
		c := byte('-')
		if !isDash(i) || len(bare) == guidLength {
			c, rest = rest[0], rest[1:]
		}
		if !isValidAt(i, c) {
			return s
		}
		normal[i] = c | 0x20 // lower case; digits and - have the bit anyway
	}
	return string(normal[:])
}

func isNormal(s string) bool {
	if len(s) != guidLength || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	for i := range len(s) {
		if !lowerHex[s[i]] && !isDash(i) {
			return false
		}
	}
	return true
}

var lowerHex = func() (allowed [256]bool) {
	for c := range allowed {
		allowed[c] = '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
	}
	return allowed
}()

// isValidAt reports whether a GUID with dashes can have c at position i.
func isValidAt(i int, c byte) bool {
	if isDash(i) {
		return c == '-'
	}
	return hexDigit(c) <= 15
}

func isDash(i int) bool { return i == 8 || i == 13 || i == 18 || i == 23 }
