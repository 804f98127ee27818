// Package meeting knows which calls of several Call Bridges are one meeting,
// and in which trace each call leg is: the state that sessions share.
//
// A session changes it by a transaction. A call that joins is reserved at once,
// or two Call Bridges that begin together would both be first; a call that leaves
// is previewed. Both count from the commit on: a transaction that is dropped has
// changed no meeting's time, span or metric. The registry's lock is short and
// never held during a delivery.
package meeting
