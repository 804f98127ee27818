// Package cdr parses the documents that a Call Bridge posts: call detail records in
// XML, as the Cisco Meeting Server CDR guide describes them and as real servers send
// them.
//
// The parser rejects what is not well-formed XML, together with the record that
// contains it, and continues with the next record. It replaces invalid characters in
// text with U+FFFD, and keeps elements, attributes and record types that the guide does
// not list, in document order. A Document must be used by one goroutine at a time;
// the receiver opens one for each POST.
package cdr
