package metrics

import (
	"go.opentelemetry.io/otel/metric"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// EntityChanged counts an entity that opens (before is nil), changes, or closes
// (after is nil). The gauges of active entities therefore always equal the number of
// open ones.
func (s *Stage) EntityChanged(before, after correlate.Entity) {
	from, was := s.activeCounter(before)
	to, is := s.activeCounter(after)
	if from == to && was == is {
		return
	}
	if is != nil {
		s.count(is, 1, to)
	}
	if was != nil {
		s.count(was, -1, from)
	}
}

// activeCounter returns the series and the counter for open entities of that class;
// nil for no entity.
func (s *Stage) activeCounter(entity correlate.Entity) (*series, metric.Int64UpDownCounter) {
	switch entity := entity.(type) {
	case *correlate.Call:
		return s.source.byCallType.get(callTypeOf(entity)), s.source.callActive
	case *correlate.Leg:
		return s.source.byLegClass.get(legClassOf(entity)), s.source.legActive
	case *correlate.Recording:
		return s.source.single.get(noAttributes{}), s.source.recordingActive
	case *correlate.Streaming:
		return s.source.single.get(noAttributes{}), s.source.streamingActive
	default:
		return nil, nil
	}
}

// Meetings counts a change in the meetings that are counted at the source.
func (s *Stage) Meetings(active, starts int64) {
	s.count(s.source.meetingActive, active, s.source.single.get(noAttributes{}))
	s.count(s.source.meetingStarts, starts, s.source.single.get(noAttributes{}))
}

// Incomplete counts spans of entities that were closed without an end record.
func (s *Stage) Incomplete(ended []correlate.EndedEntity) {
	if s == nil {
		return
	}
	for i := range ended {
		if reason := ended[i].Incomplete; reason != "" {
			s.count(s.source.incompleteSpans, 1, s.source.byIncompleteReason.get(incompleteReason(reason)))
		}
	}
}

// Restart counts that the source began another session.
func (s *Stage) Restart() {
	if s != nil {
		s.count(s.source.callBridgeRestarts, 1, s.source.single.get(noAttributes{}))
	}
}
