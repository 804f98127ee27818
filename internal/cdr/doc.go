// Package cdr parses the documents that a Call Bridge posts: call detail records in
// XML, as the Cisco Meeting Server CDR guide describes them and as real servers send
// them.
//
// A malformed part is what cannot be read as a record. A record cannot be read if it is not
// well-formed XML, lacks a readable type, time, correlatorIndex or (if its type is known) id,
// has an id longer than MaxID, is larger than MaxRecord, has too many attributes or elements
// or too deeply nested elements, or contains another record. Everything else before, between
// and after the records is malformed too, except for white space, comments and processing
// instructions. The parser returns a malformed part as it was received, up to MaxRecord bytes,
// and continues with the next record.
//
// In records and in the start tag of <records> the parser replaces invalid characters with
// U+FFFD. It keeps elements, attributes and record types that the guide does not list. A
// Document must be used by one goroutine at a time; the receiver opens one for each POST.
package cdr
