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
type seriesCache[C class] struct {
	mu      sync.RWMutex
	byClass map[C]*series
}

// of returns the series of a class, the same one each time.
func (s *seriesCache[C]) get(class C) *series {
	s.mu.RLock()
	made := s.byClass[class]
	s.mu.RUnlock()
	if made != nil {
		return made
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if made := s.byClass[class]; made != nil {
		return made
	}
	option := metric.WithAttributeSet(attribute.NewSet(class.attributes(nil)...))
	made = &series{add: []metric.AddOption{option}, record: []metric.RecordOption{option}}
	if s.byClass == nil {
		s.byClass = map[C]*series{}
	}
	s.byClass[class] = made
	return made
}

// allSeries are the series of one source.
type allSeries struct {
	// single is that of what is told apart by nothing but its source.
	single             seriesCache[noAttributes]
	byCallType         seriesCache[callType]
	byRecordType       seriesCache[recordType]
	byIncompleteReason seriesCache[incompleteReason]
	byEncryption       seriesCache[encryptionState]
	byUtilization      seriesCache[utilizationKind]
	byAlarmType        seriesCache[alarmType]
	byDirection        seriesCache[ioDirection]
	byLegClass         seriesCache[legClass]
	byLegOutcome       seriesCache[legOutcome]
	byCodec            seriesCache[mediaCodec]
	byStream           seriesCache[mediaStream]
}
