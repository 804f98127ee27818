package cmscdrreceiver

import (
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// uncommitted is what the pipelines accepted, or refused permanently, in transactions of a
// session that were dropped, because a later payload of the transaction was refused. These
// items are left out when the records are sent again, in any document, when the entities are
// closed again, or when the work is retried in halves. They are held in memory only. After a
// restart of the collector they are emitted again if the records are sent again, with the
// same log.record.uid and span id.
type uncommitted struct {
	records sequence.Ranges
	// observations has the uids of observations.
	observations map[string]struct{}
	spans        map[translate.SpanKey]struct{}
}

// maxUncommitted limits the ranges of records, the observations and the spans. Above it the
// lowest ranges, or all earlier observations or spans, are forgotten. They are delivered again
// if they are staged again.
const maxUncommitted = 1 << 12

func (u *uncommitted) addLogs(payload translate.LogsPayload) {
	ranges := sequence.RangesOf(payload.Indices)
	for _, indexRange := range ranges[max(0, len(ranges)-maxUncommitted):] {
		u.records.Add(indexRange)
	}
	u.records.Truncate(maxUncommitted)
	for _, uid := range payload.ObservationUIDs {
		insert(&u.observations, uid)
	}
}

func (u *uncommitted) addSpans(payload translate.TracesPayload) {
	for _, span := range payload.Spans {
		insert(&u.spans, span)
	}
}

// insert adds a key. It empties a full set first, because the order in which keys were added
// is not tracked.
func insert[K comparable](set *map[K]struct{}, key K) {
	if *set == nil || len(*set) >= maxUncommitted {
		*set = map[K]struct{}{}
	}
	(*set)[key] = struct{}{}
}

// hasRecord reports whether the log record of that index was accepted or dropped.
func (u *uncommitted) hasRecord(index uint64) bool { return u.records.Contains(index) }

// hasObservation reports whether the observation of that uid was accepted or dropped.
func (u *uncommitted) hasObservation(uid string) bool {
	_, found := u.observations[uid]
	return found
}

// hasSpan reports whether the span was accepted or dropped.
func (u *uncommitted) hasSpan(span translate.SpanKey) bool {
	_, found := u.spans[span]
	return found
}

// commit removes what is committed now.
func (u *uncommitted) commit(s *staged) {
	if !u.records.IsEmpty() {
		for _, indexRange := range sequence.RangesOf(s.indices) {
			u.records.Remove(indexRange)
		}
	}
	for _, uid := range s.logs.ObservationUIDs() {
		delete(u.observations, uid)
	}
	for _, span := range s.traces.Skipped() {
		delete(u.spans, span)
	}
}

// bytes returns an estimate of the memory in bytes, for the budget.
func (u *uncommitted) bytes() int {
	const uidBytes, spanBytes = 160, 72 // including the overhead of a map
	return u.records.Bytes() + uidBytes*len(u.observations) + spanBytes*len(u.spans)
}
