package correlate

import (
	"cmp"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Kept is what a session keeps over a restart of the receiver, beside the open
// entities.
type SessionState struct {
	// Latest is the time of the record with the highest index.
	LatestTime pcommon.Timestamp
	// Left are meetings that calls of the session left and that went on.
	Departures []meeting.Departure
}

// Keep is what must be kept.
func (s *Session) State() SessionState {
	return SessionState{LatestTime: s.latestTime, Departures: s.departures}
}

// Restore puts back what was kept of a session in which nothing is open. What it
// takes is its own from then on. While the receiver was away nothing could be
// heard, so that time does not count. Which entities ended is not kept: a record
// of an index below next is taken for a late one.
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
		for _, as := range entity.aliases() {
			if as.name != "" && (s.aliases[as] == "" || as.kind != lyncGroupAlias) {
				s.aliases[as] = k.id
			}
		}
	}
}

// Memberships are those of the session's open calls, of that Call Bridge.
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
