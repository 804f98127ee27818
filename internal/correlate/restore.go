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
type Kept struct {
	// Latest is the time of the record with the highest index.
	Latest pcommon.Timestamp
	// Left are meetings that calls of the session left and that went on.
	Left []meeting.Departure
}

// Keep is what must be kept.
func (s *Session) Keep() Kept { return Kept{Latest: s.latest, Left: s.departures} }

// Restore puts back what was kept of a session in which nothing is open. What it
// takes is its own from then on. While the receiver was away nothing could be
// heard, so that time does not count. Which entities ended is not kept: a record
// of an index below next is taken for a late one.
func (s *Session) Restore(kept Kept, open []Entity, away time.Duration, next uint64) {
	s.latest, s.departures = kept.Latest, kept.Left
	s.bytes.departures = bytesOf(s.departures)
	s.highest, s.closed.unsure = next, next
	slices.SortFunc(open, func(a, b Entity) int { return cmp.Compare(a.common().Index, b.common().Index) })
	for _, entity := range open {
		of := entity.common()
		of.Heard = after(of.Heard, away)
		if of.Orphaned != 0 {
			of.Orphaned = after(of.Orphaned, away)
		}
		k := keyOf(entity)
		s.counts[k.kind]++
		s.replace(k, entity)
		for as := range entity.aliases {
			if s.aliases[as] == "" || as.of != lyncGroup {
				s.aliases[as] = k.id
			}
		}
	}
}

// Memberships are those of the session's open calls, of that Call Bridge.
func (s *Session) Memberships(source string) (all []meeting.Membership) {
	for k, entity := range s.open {
		of, isCall := entity.(*Call)
		if !isCall {
			continue
		}
		one := meeting.Membership{
			Joining: meeting.Joining{ID: k.id, Trace: of.Trace, Start: of.Start},
			Session: s.id, Source: source, Key: of.Meeting, Borrowed: of.Trace != TraceID(of.ID),
		}
		if of.Joined {
			one.Correlator, one.CoSpace = of.Correlator, of.CoSpace
		}
		all = append(all, one)
	}
	return all
}
