package wire

// Body is the content of a record: a call, call leg, recording or streaming.
type Body interface {
	// Type returns the type attribute of the record.
	Type() string
	write(w *writer)
}

// Element returns the body as the XML element that its record contains.
func Element(body Body) []byte {
	w := writer{buf: make([]byte, 0, 512)}
	body.write(&w)
	return w.buf
}

// Flag is a boolean element that can be absent.
type Flag uint8

// The values of a Flag.
const (
	Absent Flag = iota
	False
	True
)

// Bool returns True or False.
func Bool(b bool) Flag {
	if b {
		return True
	}
	return False
}
