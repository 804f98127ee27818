package cdr

import "unicode/utf8"

// MaxBytes is the largest record that is believed, and how much is kept of what
// could not be read. Real records have some 2 KiB.
const MaxBytes = 256 << 10

// maxIndices bounds what a Malformed tells of the records in it: each index costs
// a sender some 30 bytes.
const maxIndices = 1024

// Malformed is a part of a document that could not be read as a record. Its
// strings are parts of the document's body.
type Malformed struct {
	// Bytes are what could not be read, as received: of more than MaxBytes the
	// beginning.
	Bytes string
	// Size is how many bytes could not be read.
	Size int
	// Whole identifies it: all of what could not be read, and where </records> is
	// missing, which has no bytes, the whole body.
	Whole string
	// Indices are the correlatorIndexes that could be read of the records in it.
	Indices []uint64
	// Err says what is wrong and where.
	Err error
}

// NewMalformed returns what could not be read, whole, as a Malformed.
func NewMalformed(whole string, err error) *Malformed {
	return &Malformed{Bytes: beginning(whole), Size: len(whole), Whole: whole, Err: err}
}

// Truncated reports whether Bytes are only a part of it.
func (m *Malformed) Truncated() bool { return len(m.Bytes) < m.Size }

// beginning cuts no character in two, where there are characters.
func beginning(s string) string {
	if len(s) <= MaxBytes {
		return s
	}
	for end := MaxBytes; end > MaxBytes-utf8.UTFMax; end-- {
		if utf8.RuneStart(s[end]) {
			return s[:end]
		}
	}
	return s[:MaxBytes]
}
