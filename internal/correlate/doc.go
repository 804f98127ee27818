// Package correlate joins records into calls, call legs, recordings and
// streamings, and says which of them a record ends.
//
// Values in, values out: it knows no clock, lock or pipeline. A session's
// state changes only when a transaction over it is committed.
package correlate
