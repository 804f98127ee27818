package wire

// Body is what a record wraps: one call, call leg, recording or streaming.
type Body interface {
	// Type is the record's type attribute.
	Type() string
	write(w *writer)
}

// Element writes a body's element.
func Element(body Body) []byte {
	w := writer{buf: make([]byte, 0, 512)}
	body.write(&w)
	return w.buf
}

// Flag is a boolean that can also be absent.
type Flag uint8

// The values of a Flag.
const (
	Absent Flag = iota
	False
	True
)

// Bool is the Flag that says b.
func Bool(b bool) Flag {
	if b {
		return True
	}
	return False
}
