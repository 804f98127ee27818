package metrics

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// series holds the attributes of one class as options of Add and Record. All instruments
// with series of this class share it. The options are in slices that are created once,
// because a variadic call with a single option allocates.
type series struct {
	addOptions    []metric.AddOption
	recordOptions []metric.RecordOption
}

// seriesCache holds the series of one type of class. There are few, and to create one
// costs more than to count. The type parameter avoids an allocation for each lookup,
// which an interface would cost. A seriesCache is safe for concurrent use; its zero value
// is ready to use.
type seriesCache[C class] struct {
	mu      sync.RWMutex
	byClass map[C]*series
}

// get returns the series of a class. It returns the same pointer for the same class.
func (c *seriesCache[C]) get(class C) *series {
	c.mu.RLock()
	s := c.byClass[class]
	c.mu.RUnlock()
	if s != nil {
		return s
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.byClass[class]; s != nil {
		return s
	}
	option := metric.WithAttributeSet(attribute.NewSet(class.attributes(nil)...))
	s = &series{addOptions: []metric.AddOption{option}, recordOptions: []metric.RecordOption{option}}
	if c.byClass == nil {
		c.byClass = map[C]*series{}
	}
	c.byClass[class] = s
	return s
}

// allSeries holds the series of one source by the type of their class.
type allSeries struct {
	// withoutAttributes has the series without attributes.
	withoutAttributes  seriesCache[noAttributes]
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
