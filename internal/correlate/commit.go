package correlate

import (
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Commit makes the transaction's changes the session's own, and returns what they
// change in the numbers of meetings.
func (t *Transaction) Commit() []meeting.Count {
	s := t.base
	for k, after := range t.changed {
		s.replace(k, after)
	}
	for as, id := range t.aliases {
		if hasAlias(s.open[key{as.kind(), id}], as) {
			s.aliases[as] = id
		}
	}
	s.counts, s.latest, s.highest, s.received, s.due = t.counts, t.latest, t.highest, t.received, t.due
	if t.gap {
		s.due = 0
	}
	counts := t.meetings.Commit(s.moved(t.source))
	s.source = t.source
	s.depart(t.departures)
	for _, one := range t.closed {
		s.closed.add(one)
		if one.key.kind == aLeg && !one.trace.IsEmpty() {
			s.meetings.LegEnded(one.key.id, one.trace)
		}
	}
	return counts
}

// moved are the open calls, if the session turned out to be of another source.
func (s *Session) moved(source string) (calls []string) {
	if s.source == "" || s.source == source {
		return nil
	}
	for k := range s.open {
		if k.kind == aCall {
			calls = append(calls, k.id)
		}
	}
	return calls
}

// replace puts an entity into the place of what it was, and keeps what is derived
// from the open entities in step.
func (s *Session) replace(k key, after Entity) {
	before := s.open[k]
	s.bytes.replace(before, after)
	if before != nil && (after == nil || after.in() != before.in()) {
		delete(s.within[before.in()], k)
		if len(s.within[before.in()]) == 0 {
			delete(s.within, before.in())
		}
	}
	if before != nil {
		s.unname(before, after)
	}
	if after == nil {
		delete(s.open, k)
		return
	}
	s.open[k] = after
	if id := after.in(); id != "" && (before == nil || before.in() != id) {
		if s.within[id] == nil {
			s.within[id] = map[key]struct{}{}
		}
		s.within[id][k] = struct{}{}
	}
	if trace := after.trace(); k.kind == aLeg && trace != (pcommon.TraceID{}) {
		s.meetings.LegIn(k.id, trace)
	}
}

// maxDepartures bounds the meetings that calls of a session left and that go on.
const maxDepartures = 1024

// depart remembers meetings that go on without the session's calls, and forgets
// those that ended.
func (s *Session) depart(more []meeting.Departure) {
	s.departures = append(s.departures, more...)
	s.departures = slices.DeleteFunc(s.departures, func(d meeting.Departure) bool { return !s.meetings.Matters(d.Trace) })
	if n := len(s.departures) - maxDepartures; n > 0 {
		s.departures = slices.Delete(s.departures, 0, n)
	}
	s.bytes.departures = bytesOf(s.departures)
}
