// Package cmscdrreceiver receives the call detail records of Cisco Meeting Server
// over HTTP and emits traces, logs and metrics.
//
// Meeting Server forgets a record when it is answered 200 OK. The receiver therefore
// answers 200 only after every pipeline accepted what the records became and what must
// survive a restart is saved. The one exception is an item that a pipeline refuses
// permanently: it is dropped, counted and logged, because otherwise it would block all
// later records of its Call Bridge. Each slice of a document passes these steps while
// the receiver holds the lock of its session:
//
//	decode → sequence → correlate → translate → logs → traces → commit → save → 200
//
// After a failure Meeting Server sends the records again:
//
//   - If a pipeline refuses a payload for now, the session stays as it was after the
//     last committed slice. Payloads that were accepted before the refusal are
//     remembered in memory (uncommitted.go) and are not delivered again.
//   - If the process is killed after a payload was accepted and before the save, the
//     payload is delivered again, with the same log.record.uid and span ids.
//   - If the storage cannot save, the records are committed in memory. Those that are
//     sent again are duplicates, and only the save is repeated.
//
// Locks are acquired in this order, each while the earlier ones may be held: the lock
// of a session (session.lock), which is held during a delivery; the lock of the list
// of saved sessions (store.lock), which is held during a write; the lock of all
// sessions (sessions.mu); then the locks of the meeting registry, of the series and
// of the component status, in any order, because none of them acquires another. A
// goroutine holds the locks of two sessions only if the second is the predecessor of
// the first. Nothing is delivered, saved or awaited under a lock other than the first
// two.
package cmscdrreceiver
