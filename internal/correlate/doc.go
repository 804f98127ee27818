// Package correlate joins the records of a session into calls, call legs, recordings
// and streamings, and returns the entities that each record ends.
//
// A Session holds the open entities of one run of a Call Bridge. Records are applied
// in a Transaction; the session changes only when the transaction is committed. The
// package has no clock, lock or pipeline: the receiver passes the time and guards
// the session.
package correlate
