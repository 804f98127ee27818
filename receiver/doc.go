// Package cmscdrreceiver receives the call detail records of Cisco Meeting
// Server over HTTP and hands them on as traces, logs and metrics.
//
// Meeting Server forgets a record as soon as it hears 200 OK, so the answer is
// the most important output: 200 means that every pipeline has accepted the
// records. Each slice of a document goes one way, under the turn of its session:
//
//	decode → sequence → correlate → translate → logs → traces → commit → save → 200
//
// Whatever goes wrong before the commit changes nothing, and the records come
// again.
//
// Locks are taken in this order, each while those before it may be held: the turn
// of a session (session.turn), which lasts through a delivery; the turn of the list
// of saved sessions (store.turn), which lasts through a write; the lock of all
// sessions (sessions.mu); those of the meetings' registry, of the series and of the
// component status, in any order, as none of them takes another. A goroutine holds
// the turn of two sessions only where the second is the predecessor of the first.
// Nothing is delivered, saved or waited for under a lock that is not a turn.
package cmscdrreceiver
