package correlate

import (
	"cmp"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// Kept is what a session keeps over a restart of the receiver, beside what is
// open.
type Kept struct {
	// Latest is the time of the record with the highest index.
	Latest pcommon.Timestamp
	// Left are meetings that calls of the session left and that went on.
	Left []meeting.Departure
}

// Keep is what must be kept.
func (s *Session) Keep() Kept { return Kept{Latest: s.latest, Left: s.left} }

// Restore puts back what was kept of a session in which nothing is open. What it
// takes is its own from then on. While the receiver was away nothing could be
// heard, so that time does not count; and which records are late, by their
// indices below next, is all that is known of what was over.
func (s *Session) Restore(kept Kept, open []Thing, away time.Duration, next uint64) {
	s.latest, s.left = kept.Latest, kept.Left
	s.highest, s.gone.unsure = next, next
	slices.SortFunc(open, func(a, b Thing) int { return cmp.Compare(a.common().Index, b.common().Index) })
	for _, thing := range open {
		of := thing.common()
		of.Heard = after(of.Heard, away)
		if of.Orphaned != 0 {
			of.Orphaned = after(of.Orphaned, away)
		}
		k := keyOf(thing)
		s.counts[k.kind]++
		s.replace(k, thing)
		for as := range thing.aliases {
			if s.named[as] == "" || as.of != lyncGroup {
				s.named[as] = k.id
			}
		}
	}
}

// Memberships are those of the session's open calls, of that Call Bridge.
func (s *Session) Memberships(source string) (all []meeting.Membership) {
	for k, thing := range s.open {
		if of, isCall := thing.(*Call); isCall && of.Joined {
			all = append(all, meeting.Membership{
				Joining: meeting.Joining{
					Call: meeting.Call{Session: s.id, ID: k.id}, Source: source,
					Correlator: of.Correlator, Trace: of.Trace, Start: of.Start,
				},
				Borrowed: of.Trace != TraceID(of.ID),
			})
		}
	}
	return all
}
