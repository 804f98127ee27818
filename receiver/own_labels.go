package cmscdrreceiver

import (
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// ownLabels has the labels of the receiver's own metrics. Each has the attribute receiver,
// because a collector can have several receivers of this type. It is safe for concurrent
// use.
type ownLabels struct {
	receiver attribute.KeyValue
	// receiverOnly has the attribute receiver alone.
	receiverOnly labels

	mu sync.RWMutex
	// pairs has the labels with one more attribute, by its key and value. Both come
	// from fixed lists.
	pairs map[[2]string]labels
}

// labels are the attributes of one series, as options for each kind of instrument.
// They are created once, because an option that is created for each call costs an
// allocation.
type labels struct {
	add     []metric.AddOption
	record  []metric.RecordOption
	observe []metric.ObserveOption
}

func newLabels(attributes ...attribute.KeyValue) labels {
	option := metric.WithAttributeSet(attribute.NewSet(attributes...))
	return labels{
		add: []metric.AddOption{option}, record: []metric.RecordOption{option}, observe: []metric.ObserveOption{option},
	}
}

func newOwnLabels(id component.ID) *ownLabels {
	attr := attribute.String("receiver", id.String())
	return &ownLabels{receiver: attr, receiverOnly: newLabels(attr), pairs: map[[2]string]labels{}}
}

// with returns the labels with one more attribute.
func (o *ownLabels) with(key, value string) labels {
	pair := [2]string{key, value}
	o.mu.RLock()
	cached, ok := o.pairs[pair]
	o.mu.RUnlock()
	if ok {
		return cached
	}
	cached = newLabels(o.receiver, attribute.String(key, value))
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pairs[pair] = cached
	return cached
}
