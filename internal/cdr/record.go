package cdr

import "time"

// MaxID in bytes is the longest id that is believed: a GUID has 36.
const MaxID = 128

// Record is one call detail record (guide, chapter 3). Of fields that come
// twice the last counts.
//
// A Record and everything it points to belong to the Document that yielded it
// and are overwritten by the next one. Its strings are parts of the document's
// body: whoever keeps one beyond the request clones it, or a 36-byte id pins
// megabytes.
type Record struct {
	// Type is the type attribute as spelled, such as callLegStart.
	Type string
	// Time is when it happened, by the Call Bridge's clock, in whole seconds.
	Time time.Time
	// CorrelatorIndex counts the records of a session from 0, the same for all
	// receivers: (session, CorrelatorIndex) identifies a record.
	CorrelatorIndex uint64
	// Index is recordIndex: from 1, per receiver; deprecated by the guide.
	Index Optional[uint64]
	// PrecedingMissing is numPreceedingRecordsMissing: how many records before
	// this one the Call Bridge could not keep for this receiver.
	PrecedingMissing Optional[uint64]
	// Element is the name of the element that the record wraps, such as callLeg.
	Element string
	// ID is the id attribute of that element: the GUID of the call, leg,
	// recording or streaming. Records of unknown type may have none.
	ID string
	// Body is what the record says, typed; nil for a record of unknown type.
	Body Body
	// Nodes are all attributes and elements inside the record's element, known
	// or not, as a tree in document order: a node's Size descendants follow it.
	// Behind them, unknown, come other elements that the record holds. Text
	// that stands directly in the record's element, or in the record, is a node
	// named #text.
	Nodes []Node
	// Attributes are those of <record> that the guide does not list.
	Attributes []Attribute
	// Raw is the record's XML as received.
	Raw string

	inside int // of Nodes are in the record's element
}

// Body is one of *CallStart, *CallEnd, *CallLegStart, *CallLegUpdate,
// *CallLegEnd, *RecordingStart, *RecordingEnd, *StreamingStart, *StreamingEnd.
type Body interface{ fields }

// Node is an attribute or an element inside a record.
type Node struct {
	Name string
	// Text is its character data, references expanded, bad characters replaced.
	// Between and behind the children of an element, white space is left out. Of
	// a field that the guide types as a GUID it is the GUID normalised.
	Text string
	// Size is the number of nodes below it; they follow it.
	Size int
	// Attribute tells an attribute from an element.
	Attribute bool
	// Known says that the guide lists it in this place.
	Known bool
	// Type is how the guide types it, if Text can be read so; Int holds the
	// value of an Integer, Double that of a Double, Bool that of a Boolean.
	Type   Type
	Bool   bool
	Int    int64
	Double float64
}

// Type is the type of a node's value.
type Type uint8

// The types the guide uses. Text is what everything unknown has.
const (
	Text Type = iota
	Boolean
	Integer
	Double
)

// Attribute is an XML attribute that the guide does not list.
type Attribute struct{ Name, Value string }

// Optional is a value that a record may leave out. Absence clears nothing.
type Optional[T any] struct {
	Value   T
	Present bool
}

// MaxRecord in bytes is the largest record that is read; no Call Bridge writes one.
const MaxRecord = 256 << 10

// maxIndices bounds what a Malformed tells of the records in it: real ones of
// MaxRecord bytes are a tenth as many.
const maxIndices = 2048

// Malformed is a part of a document that could not be read as a record.
type Malformed struct {
	// Bytes are what could not be read, as received, of a record above MaxRecord the
	// first MaxRecord bytes.
	Bytes string
	// Size is the number of bytes that could not be read.
	Size int
	// Document is what tells the part from others where Bytes do not: the body that it
	// is of, if it has no bytes, or all that could not be read, if Bytes are cut.
	Document string
	// Indices are the correlatorIndex of records in it, where those can be read;
	// not all of a stretch that is nothing but start tags.
	Indices []uint64
	// Err says what is wrong and where.
	Err error
}
