package correlate

import (
	"cmp"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// SessionState is what is saved of a session besides its open entities.
type SessionState struct {
	// LatestTime is the time of the record with the highest index.
	LatestTime pcommon.Timestamp
	// Departures are those of the session's calls from meetings that still have other
	// calls.
	Departures []meeting.Departure
}

// State returns what must be saved.
func (s *Session) State() SessionState {
	return SessionState{LatestTime: s.latestTime, Departures: s.departures}
}

// Restore restores a session without open entities. It keeps its arguments. Deadlines
// are moved by away, the time in which the receiver did not run. Closed entities are
// not saved, so every record with an index below next is considered late.
func (s *Session) Restore(kept SessionState, open []Entity, away time.Duration, next uint64) {
	s.latestTime, s.departures = kept.LatestTime, kept.Departures
	s.bytes.departures = bytesOf(s.departures)
	s.highestIndex, s.closed.forgottenBelow = next, next
	slices.SortFunc(open, func(a, b Entity) int { return cmp.Compare(a.fields().LastIndex, b.fields().LastIndex) })
	for _, entity := range open {
		fields := entity.fields()
		fields.LastReceived = after(fields.LastReceived, away)
		if fields.OrphanedAt != 0 {
			fields.OrphanedAt = after(fields.OrphanedAt, away)
		}
		k := keyOf(entity)
		s.counts[k.kind]++
		s.replace(k, entity)
		for _, a := range entity.aliases() {
			if a.name != "" && (s.aliases[a] == "" || a.kind != lyncGroupAlias) {
				s.aliases[a] = k.id
			}
		}
	}
}

// Memberships returns the memberships of the session's open calls.
func (s *Session) Memberships(source string) (all []meeting.Membership) {
	for k, entity := range s.open {
		call, isCall := entity.(*Call)
		if !isCall {
			continue
		}
		membership := meeting.Membership{
			JoinRequest: meeting.JoinRequest{ID: k.id, Trace: call.Trace, Start: call.Start},
			Session:     s.id, Source: source, Key: call.MeetingKey, TraceShared: call.Trace != TraceID(call.ID),
		}
		if call.Discoverable {
			membership.Correlator, membership.CoSpace = call.Correlator, call.CoSpace
		}
		all = append(all, membership)
	}
	return all
}
