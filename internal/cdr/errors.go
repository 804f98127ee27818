package cdr

import (
	"fmt"
	"strings"
)

// quoted bounds what an error quotes of a body.
const quoted = 40

// Position is where in a body something is wrong.
type Position struct {
	// Offset counts bytes from the body's first.
	Offset int
	// Record counts records from 1, bad ones too; 0 is outside of any.
	Record int
}

// String gives the position in words.
func (p Position) String() string {
	if p.Record == 0 {
		return fmt.Sprintf("byte %d", p.Offset)
	}
	return fmt.Sprintf("record %d, byte %d", p.Record, p.Offset)
}

// SyntaxError is a breach of XML's rules, of the bounds set here on them, or
// something other than a record where only records may be.
type SyntaxError struct {
	Position
	Problem string
	// Near is the beginning of what stands there; empty at the body's end.
	Near string
	// Element is the innermost element open there; empty outside the root.
	Element string
}

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

// RootError says that a document is XML, but no CDR document.
type RootError struct {
	Position
	Root string
}

func (e *RootError) Error() string {
	return fmt.Sprintf("cdr: %v: the root is %s, not \"records\"", e.Position, quote(e.Root))
}

// MissingError says that a record lacks what every record of its type has.
type MissingError struct {
	Position
	// Field is type, time or correlatorIndex, or such as "callLeg id".
	Field string
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("cdr: %v: no %s", e.Position, e.Field)
}

// ValueError says that a field that every record needs cannot be read.
type ValueError struct {
	Position
	Field, Value string
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("cdr: %v: %s is %s", e.Position, e.Field, quote(e.Value))
}

// excerpt is the part of s that an error quotes, and a little more so that
// quote can tell that there is more. It is cloned: errors are logged late, and
// must not pin a body.
func excerpt(s string) string { return strings.Clone(s[:min(len(s), quoted+1)]) }

func quote(s string) string {
	if len(s) > quoted {
		return fmt.Sprintf("%q…", s[:quoted])
	}
	return fmt.Sprintf("%q", s)
}
