package cdr

import (
	"fmt"
	"strings"
)

// maxQuote limits, in bytes, how much of a name, value or body an error quotes.
const maxQuote = 40

// Position is a place in a body.
type Position struct {
	// Offset is in bytes from the beginning of the body.
	Offset int
	// Record is the number of the record. It counts from 1, and includes malformed
	// records, except for those whose start tag cannot be scanned. It is 0 outside of
	// records, in such a start tag, and for a record that is too long or whose id is.
	Record int
}

// String formats the position.
func (p Position) String() string {
	if p.Record == 0 {
		return fmt.Sprintf("byte %d", p.Offset)
	}
	return fmt.Sprintf("record %d, byte %d", p.Record, p.Offset)
}

// SyntaxError reports a violation of the rules of XML or of the limits of this package, a
// record within a record, or something other than a record where only records are allowed.
type SyntaxError struct {
	Position
	// Problem describes the mistake, such as "a tag is not closed".
	Problem string
	// Near is the beginning of the text at the position; empty at the end of the body.
	Near string
	// Element is the innermost open element; empty outside the root.
	Element string
}

// Error formats the problem with its position, the element and the text at the position.
func (e *SyntaxError) Error() string {
	text := fmt.Sprintf("cdr: %v: %s", e.Position, e.Problem)
	if e.Element != "" {
		text += " in element " + quote(e.Element)
	}
	if e.Near != "" {
		text += " at " + quote(e.Near)
	}
	return text
}

// RootError reports XML that is not a CDR document.
type RootError struct {
	Position
	// Root is the name of the root element.
	Root string
}

// Error formats the position and the name of the root element.
func (e *RootError) Error() string {
	return fmt.Sprintf("cdr: %v: the root is %s, not \"records\"", e.Position, quote(e.Root))
}

// MissingError reports that a record lacks a required field.
type MissingError struct {
	Position
	// Field is type, time, correlatorIndex, or the name of the record's element and "id",
	// such as "callLeg id".
	Field string
}

// Error formats the position and the name of the field.
func (e *MissingError) Error() string {
	return fmt.Sprintf("cdr: %v: no %s", e.Position, e.Field)
}

// ValueError reports a required field whose value cannot be parsed.
type ValueError struct {
	Position
	// Field is time or correlatorIndex. Value is the beginning of its value.
	Field, Value string
}

// Error formats the position, the name of the field and its value.
func (e *ValueError) Error() string {
	return fmt.Sprintf("cdr: %v: %s is %s", e.Position, e.Field, quote(e.Value))
}

// excerpt returns the part of s that an error quotes, and one more byte, so that quote
// can tell that the text is truncated. It is a clone, because errors outlive the body.
func excerpt(s string) string { return strings.Clone(s[:min(len(s), maxQuote+1)]) }

// quote quotes a text in an error, and truncates it to maxQuote bytes.
func quote(s string) string {
	if len(s) > maxQuote {
		return fmt.Sprintf("%q…", s[:maxQuote])
	}
	return fmt.Sprintf("%q", s)
}
