// Package cmscdrreceiver receives the call detail records of Cisco Meeting
// Server over HTTP and hands them on as traces, logs and metrics.
//
// Meeting Server forgets a record as soon as it hears 200 OK, so the answer is
// the most important output: 200 means that every pipeline has accepted the
// records. Each document goes one way, under the lock of its session:
//
//	decode → sequence → correlate → translate → logs → traces → commit → save → 200
//
// Whatever goes wrong before the commit changes nothing, and the records come
// again.
package cmscdrreceiver
