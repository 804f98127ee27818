// Package cmscdrreceiver receives the call detail records of Cisco Meeting Server
// over HTTP and emits traces, logs and metrics.
//
// Meeting Server deletes a record when it is answered 200 OK. The receiver therefore
// answers 200 only after the logs and traces pipelines accepted the log records and
// spans of a document, and the storage, if there is one, saved what must survive a
// restart. The one exception is a payload that a pipeline refuses permanently: when its
// work is not divided any further (see canDivide), the payload is dropped, counted and
// logged, because otherwise it would block all later records of its Call Bridge. Metrics
// are cumulative and emitted at an interval, so no answer waits for them.
//
// A document is processed in slices. Each slice passes these steps while the receiver
// holds the lock of the session:
//
//	parse → sequence → correlate → translate → logs → traces → commit
//
// The session is saved after the last slice, and every two seconds of a long document.
// The answer follows the last save.
//
// Any answer other than 200 makes Meeting Server send the records again. Slices that are
// committed stay committed and, unless the storage fails, are saved. Their records are
// duplicates in the resend. The entities of a predecessor that were closed stay closed.
// What else happens depends on the failure:
//
//   - If a pipeline refuses a payload for now, the transaction of the slice, or of the
//     part of it that is retried, is dropped. The items of its payloads that were accepted
//     or dropped before are remembered in memory (uncommitted.go) and are not delivered
//     again. The answer is 503.
//   - If the time for an answer is nearly up, the remaining slices are not processed.
//     The answer is 503.
//   - If the storage fails, the slices since the last successful save are committed in
//     memory only; no slice is committed if the save of a predecessor failed. The resend
//     repeats the save and continues with the rest; the scan every five seconds repeats
//     the save too. The answer is 503 until a save succeeds.
//   - If the process is killed after a payload was accepted and before the save, the
//     payload is delivered again, with the same log.record.uid and span ids.
//
// Locks are acquired in this order, each while the earlier ones may be held: the lock
// of a session (session.lock), which is held during a delivery; the lock of the list
// of saved sessions (store.lock), which is held during a write; the lock of all
// sessions (sessions.mu); then the other locks, such as those of the meeting registry, of
// the series and of the component status. Of these only the lock of the metrics aggregator
// is held while others are acquired: those of its sources and of their series. A goroutine
// holds the locks of two sessions only if the second is the predecessor of the first.
// Nothing is delivered, saved or awaited under the locks after the first two.
//
// Two mutexes are acquired before all of these: signals.mu is held while the receiver
// starts or shuts down, and budgetEnforcer.running while sessions are reduced to the
// budget. The latter is only tried, so nothing waits for it.
package cmscdrreceiver
