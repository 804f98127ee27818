package metrics

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// options keeps the attribute sets that were made: there are few, and making
// one costs more than counting. The zero value is ready.
type options struct{ made sync.Map }

// of returns the attribute set of a class of things; an empty value is absent.
func (o *options) of(class attributer) metric.MeasurementOption {
	if made, ok := o.made.Load(class); ok {
		return made.(metric.MeasurementOption)
	}
	option := metric.WithAttributeSet(attribute.NewSet(class.attributes(nil)...))
	o.made.Store(class, option)
	return option
}
