// Package cdr reads the documents that a Call Bridge posts: call detail
// records in XML, as the Cisco Meeting Server CDR guide describes them and as
// they look on the wire.
//
// Strict in structure, forgiving in text, curious about the unknown: what is
// not well-formed costs the record that holds it and no other; bad characters
// in text become U+FFFD; elements, attributes and record types that the guide
// does not list are kept in the order they came in.
package cdr
