package correlate

import (
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Commit applies the transaction to the session and returns the changes in the number
// of meetings.
func (t *Transaction) Commit() []meeting.CountChange {
	s := t.base
	for k, after := range t.changed {
		s.replace(k, after)
	}
	for a, id := range t.aliases {
		if hasAlias(s.open[key{a.entityKind(), id}], a) {
			s.aliases[a] = id
		} else {
			delete(s.aliases, a) // the entity that the alias referred to last was closed, or no longer has it
		}
	}
	s.counts, s.latestTime, s.highestIndex, s.latestReceived, s.nextScan = t.counts, t.latestTime, t.highestIndex, t.latestReceived, t.nextScan
	if t.gap {
		s.nextScan = 0
	}
	t.meetings.Advance(s.latestTime, s.latestReceived)
	countChanges := t.meetings.Commit(s.callsToMove(t.source))
	s.source = t.source
	s.updateDepartures(t.departures)
	for _, closed := range t.closed {
		s.closed.add(closed)
		isOpen := s.open[closed.key] != nil // it was opened again in the same transaction
		if closed.key.kind == legKind && !isOpen && !closed.trace.IsEmpty() {
			s.meetings.LegEnded(closed.key.id, closed.trace)
		}
	}
	return countChanges
}

// callsToMove returns the ids of the open calls if the session moves to another source.
func (s *Session) callsToMove(source string) (calls []string) {
	if s.source == "" || s.source == source {
		return nil
	}
	for k := range s.open {
		if k.kind == callKind {
			calls = append(calls, k.id)
		}
	}
	return calls
}

// replace sets the open entity with that key, or removes it if after is nil. It updates
// bytes, byCall and the traces of legs, and removes the aliases that the entity no longer
// has. It changes neither the counts nor other aliases.
func (s *Session) replace(k key, after Entity) {
	before := s.open[k]
	s.bytes.replace(before, after)
	if before != nil && (after == nil || after.callID() != before.callID()) {
		delete(s.byCall[before.callID()], k)
		if len(s.byCall[before.callID()]) == 0 {
			delete(s.byCall, before.callID())
		}
	}
	if before != nil {
		s.removeAliases(before, after)
	}
	if after == nil {
		delete(s.open, k)
		return
	}
	s.open[k] = after
	if id := after.callID(); id != "" && (before == nil || before.callID() != id) {
		if s.byCall[id] == nil {
			s.byCall[id] = map[key]struct{}{}
		}
		s.byCall[id][k] = struct{}{}
	}
	if trace := after.trace(); k.kind == legKind && trace != (pcommon.TraceID{}) {
		s.meetings.SetLegTrace(k.id, trace)
	}
}

// maxDepartures limits the departures that a session holds. Above it the oldest are
// removed.
const maxDepartures = 1024

// updateDepartures adds departures, one for each meeting, and removes those whose meetings
// ended. The cost of this is linear in the departures, so nothing is done if none is added
// and no meeting of any session ended since the previous update.
func (s *Session) updateDepartures(added []meeting.Departure) {
	ended := s.meetings.EndedCount()
	if len(added) == 0 && ended == s.endedMeetings {
		return
	}
	s.endedMeetings = ended
	s.departures = s.meetings.MergeOngoing(append(s.departures, added...))
	if n := len(s.departures) - maxDepartures; n > 0 {
		s.departures = slices.Delete(s.departures, 0, n)
	}
	s.bytes.departures = bytesOf(s.departures)
}
