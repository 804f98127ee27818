package metrics

import (
	"go.opentelemetry.io/otel/metric"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// EntityChanged counts an entity that opens (before is nil), changes, or closes (after is
// nil). Each open entity is therefore counted in exactly one series.
func (s *Stage) EntityChanged(before, after correlate.Entity) {
	oldSeries, oldCounter := s.activeCounter(before)
	newSeries, newCounter := s.activeCounter(after)
	if oldSeries == newSeries && oldCounter == newCounter {
		return
	}
	if newCounter != nil {
		s.count(newCounter, 1, newSeries)
	}
	if oldCounter != nil {
		s.count(oldCounter, -1, oldSeries)
	}
}

// activeCounter returns the series and the counter of open entities in which the entity
// is counted, or nil for no entity.
func (s *Stage) activeCounter(entity correlate.Entity) (*series, metric.Int64UpDownCounter) {
	switch entity := entity.(type) {
	case *correlate.Call:
		return s.source.byCallType.get(callTypeOf(entity)), s.source.callActive
	case *correlate.Leg:
		return s.source.byLegClass.get(legClassOf(entity)), s.source.legActive
	case *correlate.Recording:
		return s.source.withoutAttributes.get(noAttributes{}), s.source.recordingActive
	case *correlate.Streaming:
		return s.source.withoutAttributes.get(noAttributes{}), s.source.streamingActive
	default:
		return nil, nil
	}
}

// Meetings changes the numbers of meetings that are counted at the source: active is added
// to the open ones, starts to those that started.
func (s *Stage) Meetings(active, starts int64) {
	s.count(s.source.meetingActive, active, s.source.withoutAttributes.get(noAttributes{}))
	s.count(s.source.meetingStarts, starts, s.source.withoutAttributes.get(noAttributes{}))
}

// Incomplete counts the incomplete spans: those of entities that were closed without an
// end record, and those of meetings whose last call was closed without an end record.
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

// Restart counts a session that replaced an earlier session of the source.
func (s *Stage) Restart() {
	if s != nil {
		s.count(s.source.callBridgeRestarts, 1, s.source.withoutAttributes.get(noAttributes{}))
	}
}
