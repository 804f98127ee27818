package cmscdrreceiver

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const redacted = "[redacted]"

var (
	// secretKey matches the word secret and everything after it, even inside a path: a
	// URI such as /cdr%3Fsecret=abc or /cdr/secret=abc has no query.
	secretKey = regexp.MustCompile(`(?is)secret.*`)
	// word matches a part of a URI that may itself be a secret.
	word = regexp.MustCompile(`[^/?&=;:,\s"]+`)
	// escape matches one percent encoding.
	escape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
)

// redact replaces the secret in a text from a client. It also replaces each word that is
// similar to the secret or to a word of it, or occurs in it, because a mistyped secret
// reveals most of the secret, and everything after the word secret. An empty secret means
// that none is configured.
func redact(text, secret string) string {
	text, secret = decoded(text), decoded(secret)
	if secret != "" {
		quoted := strconv.Quote(secret)
		text = strings.NewReplacer(secret, redacted, quoted[1:len(quoted)-1], redacted).Replace(text)
		text = word.ReplaceAllStringFunc(text, func(word string) string {
			if reveals(word, secret) {
				return redacted
			}
			return word
		})
	}
	return secretKey.ReplaceAllLiteralString(text, "secret"+redacted)
}

// reveals reports whether a word is similar to the secret or to a word of it, or occurs in it.
func reveals(text, secret string) bool {
	if isSimilar(text, secret) {
		return true
	}
	isSimilarTo := func(part string) bool { return len(part) >= minPart && isSimilar(text, part) }
	return len(text) >= minPart && (strings.Contains(secret, text) || slices.ContainsFunc(word.FindAllString(secret, -1), isSimilarTo))
}

// minPart is the length in bytes from which a word is replaced if it occurs in the secret or is
// similar to a word of it that has at least this length too. A shorter word reveals little of
// the secret.
const minPart = 4

// decoded replaces percent encodings by their characters, even in a text that is encoded
// up to four times.
func decoded(text string) string {
	for range 4 {
		plain := escape.ReplaceAllStringFunc(text, func(code string) string {
			value, _ := strconv.ParseUint(code[1:], 16, 8)
			return string([]byte{byte(value)})
		})
		if plain == text {
			break
		}
		text = plain
	}
	return text
}
