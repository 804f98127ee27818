package correlate

import (
	"cmp"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// SessionState is what is saved of a session, except for its open entities.
type SessionState struct {
	// LatestTime is the time of the record with the highest index.
	LatestTime pcommon.Timestamp
	// Departures are those of the session's calls from meetings that still have other
	// calls.
	Departures []meeting.Departure
}

// State returns what must be saved. It shares memory with the session, so it must not
// be changed, and is valid until the session changes.
func (s *Session) State() SessionState {
	return SessionState{LatestTime: s.latestTime, Departures: s.departures}
}

// Restore restores a new session. source is the instance of its source, at which its calls
// are counted. The session uses the state and the entities without copying them. Restore
// sorts open in place. Deadlines are moved by downtime, which is the time from the receipt
// of the newest saved document of all sessions to the restart.
// Closed entities are not saved. A record with an index below nextIndex may be about one
// of them, so it opens no entity that the session does not remember, unless it is an end
// record.
func (s *Session) Restore(source string, state SessionState, open []Entity, downtime time.Duration, nextIndex uint64) {
	s.source, s.latestTime, s.departures = source, state.LatestTime, state.Departures
	s.progress = meeting.NewProgress(state.LatestTime, 0)
	s.bytes.departures = bytesOf(s.departures)
	s.highestIndex, s.closed.forgottenBelow = nextIndex, nextIndex
	slices.SortFunc(open, func(a, b Entity) int { return cmp.Compare(a.fields().LastIndex, b.fields().LastIndex) })
	for _, entity := range open {
		fields := entity.fields()
		fields.LastReceived = after(fields.LastReceived, downtime)
		if fields.GraceBegan != 0 {
			fields.GraceBegan = after(fields.GraceBegan, downtime)
		}
		if call, isCall := entity.(*Call); isCall {
			call.firstIndex = call.LastIndex
		}
		k := keyOf(entity)
		s.counts[k.kind]++
		s.replace(k, entity)
		if k.kind == callKind && fields.GraceBegan != 0 {
			continue // the alias refers to the newer call of the coSpace, or to none
		}
		for _, a := range entity.aliases() {
			other := s.open[key{a.entityKind(), s.aliases[a]}]
			if a.name != "" && (a.kind != lyncGroupAlias || other == nil || fields.firstTime() < other.fields().firstTime()) {
				s.aliases[a] = k.id
			}
		}
	}
}

// RestoreReceived sets when the session's last document before the restart was received, so that a
// session that was sending a backlog still counts as behind the others. It must be called after
// Restore and before Memberships.
func (s *Session) RestoreReceived(received time.Time) {
	s.progress = meeting.NewProgress(s.latestTime, pcommon.NewTimestampFromTime(received))
}

// Memberships returns the memberships of the session's open calls, to restore the
// meetings.
func (s *Session) Memberships() (memberships []meeting.Membership) {
	for k, entity := range s.open {
		call, isCall := entity.(*Call)
		if !isCall {
			continue
		}
		membership := meeting.Membership{
			JoinRequest: meeting.JoinRequest{ID: k.id, Trace: call.Trace, Start: call.Start},
			Session:     s.id, Source: s.source, Key: call.MeetingKey, Progress: s.progress, TraceShared: call.Trace != TraceID(call.ID),
		}
		if call.Discoverable {
			membership.Correlator, membership.CoSpace = call.Correlator, call.CoSpace
		}
		memberships = append(memberships, membership)
	}
	return memberships
}
