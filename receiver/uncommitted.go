package cmscdrreceiver

import (
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// uncommitted is what the pipelines of a session accepted, or refused for good, in
// transactions that were not committed: traces refuse after logs accepted, or one of
// several payloads is refused. When the records come again, in whatever document,
// these parts are left out. It is held in memory only: what a crash makes come again
// is repeated, and stores know it by its log.record.uid and span id.
type uncommitted struct {
	records sequence.Ranges
	// observations are the uids of the receiver's own observations.
	observations map[string]struct{}
	spans        map[translate.SpanKey]struct{}
}

// maxUncommitted bounds the ranges of records, the observations and the spans. What is
// beyond it is handed on again.
const maxUncommitted = 1 << 12

func (u *uncommitted) addLogs(payload translate.LogsPayload) {
	runs := sequence.RunsOf(payload.Indices)
	for _, run := range runs[max(0, len(runs)-maxUncommitted):] {
		u.records.Add(run)
	}
	u.records.Bound(maxUncommitted)
	for _, uid := range payload.Observations {
		put(&u.observations, uid)
	}
}

func (u *uncommitted) addSpans(payload translate.TracesPayload) {
	for _, span := range payload.Spans {
		put(&u.spans, span)
	}
}

func put[K comparable](set *map[K]struct{}, key K) {
	if *set == nil || len(*set) >= maxUncommitted {
		*set = map[K]struct{}{}
	}
	(*set)[key] = struct{}{}
}

// hasRecord reports whether logs have the record of that index.
func (u *uncommitted) hasRecord(index uint64) bool { return u.records.Contains(index) }

// hasObservation reports whether logs have the observation of that uid.
func (u *uncommitted) hasObservation(uid string) bool {
	_, has := u.observations[uid]
	return has
}

// hasSpan reports whether traces have the span.
func (u *uncommitted) hasSpan(span translate.SpanKey) bool {
	_, has := u.spans[span]
	return has
}

// commit forgets what was committed. Without a record that logs have and that is not
// committed, nothing refers to an observation.
func (u *uncommitted) commit(s *staged) {
	if !u.records.IsEmpty() {
		for _, run := range sequence.RunsOf(s.indices) {
			u.records.Remove(run)
		}
	}
	for _, uid := range s.logs.Observations() {
		delete(u.observations, uid)
	}
	for _, span := range s.traces.Skipped() {
		delete(u.spans, span)
	}
	if u.records.IsEmpty() {
		u.observations = nil
	}
}

// bytes is what it holds in memory, for the budget.
func (u *uncommitted) bytes() int {
	const uid, span = 160, 64 // with the share of the map
	return u.records.Bytes() + uid*len(u.observations) + span*len(u.spans)
}
