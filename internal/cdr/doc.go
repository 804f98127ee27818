// Package cdr parses the documents that a Call Bridge posts: call detail records in
// XML, as the Cisco Meeting Server CDR guide describes them and as real servers send
// them.
//
// A malformed part is what cannot be read as a record: one that is not well-formed XML,
// lacks a readable type, time, correlatorIndex or (if its type is known) id, has an id
// longer than MaxID, is larger than MaxRecord, or has too many or too deeply nested elements
// or attributes. So is anything else between and after the records, except for white space,
// comments and processing instructions. The parser returns it as
// it was received, up to MaxRecord bytes, and continues with the next record. In records it
// replaces invalid characters with U+FFFD, and keeps elements, attributes and record types
// that the guide does not list, in document order. A Document must be used by one
// goroutine at a time; the receiver opens one for each POST.
package cdr
