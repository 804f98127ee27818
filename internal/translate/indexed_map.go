package translate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/xpdata"
)

// indexedMap builds a Map at a constant cost for each name.
type indexedMap struct {
	builder xpdata.MapBuilder
	byName  map[string]pcommon.Value
}

// newIndexedMap returns an empty indexedMap. capacity must not be less than the number of
// names, because the values in byName are lost if the builder grows.
func newIndexedMap(capacity int) *indexedMap {
	m := &indexedMap{byName: make(map[string]pcommon.Value, capacity)}
	m.builder.EnsureCapacity(capacity)
	return m
}

// GetOrPutEmpty returns the value of a name, and whether it existed before.
func (m *indexedMap) GetOrPutEmpty(name string) (pcommon.Value, bool) {
	value, exists := m.byName[name]
	if !exists {
		value = m.builder.AppendEmpty(name)
		m.byName[name] = value
	}
	return value, exists
}
