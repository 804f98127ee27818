package cmscdrreceiver

import (
	"regexp"
	"strconv"
	"strings"
)

const redacted = "[redacted]"

var (
	// secretKey finds the query parameter also where it is part of a path: a URI
	// such as /cdr%3Fsecret=abc or /cdr/secret=abc has no query.
	secretKey = regexp.MustCompile(`(?is)secret.*`)
	// word is what may be a secret by itself.
	word = regexp.MustCompile(`[^/?&=;:,\s"]+`)
	// escape is one percent encoding.
	escape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
)

// redact leaves nothing of the secret in what a client sent, nor what looks like
// it: a mistyped secret is nearly the secret. What follows the word secret is left
// out. No secret is configured if it is empty.
func redact(text, secret string) string {
	text, secret = decoded(text), decoded(secret)
	if secret != "" {
		quoted := strconv.Quote(secret)
		text = strings.NewReplacer(secret, redacted, quoted[1:len(quoted)-1], redacted).Replace(text)
		text = word.ReplaceAllStringFunc(text, func(word string) string {
			if near(word, secret) || len(word) >= minPart && strings.Contains(secret, word) {
				return redacted
			}
			return word
		})
	}
	return secretKey.ReplaceAllLiteralString(text, "secret"+redacted)
}

// minPart is how much of the secret tells something about the rest.
const minPart = 4

// decoded undoes percent encodings, also of what a program or two have encoded
// again.
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
