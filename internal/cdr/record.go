package cdr

import "time"

// MaxID is the longest accepted id in bytes. A GUID has 36.
const MaxID = 128

// Record is one call detail record (guide, chapters 2 and 4). If a field is repeated, its
// last value is used.
//
// A Record and everything it points to belong to its Document and are overwritten by
// the next record. Its strings share the memory of the document's body: a string that
// is kept longer must be cloned, because a 36-byte id would keep megabytes in memory.
type Record struct {
	// Type is the value of the attribute type as received, for example callLegStart.
	Type string
	// Time is when the event happened, by the Call Bridge's clock. Call Bridges send
	// whole seconds.
	Time time.Time
	// CorrelatorIndex counts the records of a session from 0, the same for all
	// receivers. Session and CorrelatorIndex identify a record.
	CorrelatorIndex uint64
	// RecordIndex counts from 1 for each receiver. The guide deprecates it.
	RecordIndex Optional[uint64]
	// PrecedingMissing is numPreceedingRecordsMissing: the number of records before
	// this one that the Call Bridge could not keep for this receiver.
	PrecedingMissing Optional[uint64]
	// Element is the name of the element in the record, for example callLeg.
	Element string
	// ID is the id of that element, an attribute or a child element: the GUID of the
	// call, leg, recording or streaming. Records of unknown types may have none.
	ID string
	// Body holds the known fields; nil for a record of unknown type.
	Body Body
	// Nodes are all attributes and elements in the record's element, known or not, as
	// a tree in document order: a node is followed by its Size descendants. Other
	// elements of the record follow as unknown nodes. Text directly in the record or
	// in its element is a node with the name #text.
	Nodes []Node
	// Attributes of <record> that the guide does not list, and optional ones whose
	// values cannot be parsed.
	Attributes []Attribute
	// Raw is the record's XML as received.
	Raw string

	elementNodes int // number of Nodes in the record's element
}

// Body is one of *CallStart, *CallEnd, *CallLegStart, *CallLegUpdate,
// *CallLegEnd, *RecordingStart, *RecordingEnd, *StreamingStart, *StreamingEnd.
type Body interface{ fields }

// Node is an attribute or element in a record.
type Node struct {
	Name string
	// Text is the value of an attribute, or the character data of an element. References
	// are expanded, line ends are \n, and each invalid character is replaced by U+FFFD.
	// White space between child elements is left out. In the nodes of Record.ID and of the
	// fields of Body, free texts lose surrounding white space that has a line break; GUIDs,
	// other ids, addresses and enumerated values lose all surrounding white space, and
	// GUIDs are normalised.
	Text string
	// Size is the number of descendants, which follow the node.
	Size int
	// Attribute is set for an attribute, not for an element.
	Attribute bool
	// Known is set for the node of Record.ID. For another node it is set if fields.set
	// knows it in this element, and the value is valid or empty. All nodes in an alarm of
	// unknown type, or without a valid percentage, are unknown.
	Known bool
	// Type is the type in the guide if Text is a valid value of that type. Int, Double
	// or Bool then has the value.
	Type   Type
	Bool   bool
	Int    int64
	Double float64
}

// Type is the type of a node's value.
type Type uint8

// The types in the guide. Unknown nodes have the type Text, except for a valid percentage
// in an alarm of unknown type.
const (
	Text Type = iota
	Boolean
	Integer
	Double
)

// Attribute is an XML attribute.
type Attribute struct{ Name, Value string }

// Optional is a value that a record can omit. An absent value does not clear an
// earlier one.
type Optional[T any] struct {
	Value   T
	Present bool
}

// MaxRecord is the size of the largest accepted record in bytes. Call Bridges send much
// smaller ones.
const MaxRecord = 256 << 10

// maxIndices limits the indices of a malformed part. MaxRecord bytes contain a few
// hundred real records.
const maxIndices = 2048

// Malformed is a part of a document that cannot be parsed as a record.
type Malformed struct {
	// Bytes are the part as received, truncated to at most MaxRecord bytes.
	Bytes string
	// Size is the size of the whole part in bytes.
	Size int
	// Identity identifies the part if Bytes cannot: it is the whole body if the part
	// has no bytes, and the whole part if Bytes are truncated.
	Identity string
	// Indices are the values of correlatorIndex that can be parsed in the records of
	// the part, at most 2048.
	Indices []uint64
	// Err reports the first problem and its position.
	Err error
}
