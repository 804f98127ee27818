package metrics

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// series is what the SDK is told to count in the series of one class. An option that is
// passed by itself costs a list for each value, so the lists are made once.
type series struct {
	add    []metric.AddOption
	record []metric.RecordOption
}

// seriesBy keeps the series of one kind of class: there are few, and making one costs
// more than counting. They are found by concrete types, since a class in an interface
// costs an allocation for each value. Safe for concurrent use; the zero value is ready.
type seriesBy[C attributer] struct {
	mu   sync.RWMutex
	made map[C]*series
}

// of returns the series of a class, the same one each time.
func (s *seriesBy[C]) of(class C) *series {
	s.mu.RLock()
	made := s.made[class]
	s.mu.RUnlock()
	if made != nil {
		return made
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if made := s.made[class]; made != nil {
		return made
	}
	option := metric.WithAttributeSet(attribute.NewSet(class.attributes(nil)...))
	made = &series{add: []metric.AddOption{option}, record: []metric.RecordOption{option}}
	if s.made == nil {
		s.made = map[C]*series{}
	}
	s.made[class] = made
	return made
}

// allSeries are the series of one source.
type allSeries struct {
	// single is that of what is told apart by nothing but its source.
	single             seriesBy[none]
	byCallType         seriesBy[callType]
	byRecordType       seriesBy[recordType]
	byIncompleteReason seriesBy[incompleteReason]
	byEncryption       seriesBy[encryptionState]
	byUtilization      seriesBy[utilizationKind]
	byAlarmType        seriesBy[alarmType]
	byDirection        seriesBy[ioDirection]
	byLegClass         seriesBy[legClass]
	byLegOutcome       seriesBy[legOutcome]
	byCodec            seriesBy[codecOf]
	byStream           seriesBy[streamOf]
}
