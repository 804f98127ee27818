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

// attributer is a comparable value that attributes are made of.
type attributer interface {
	attributes(list []attribute.KeyValue) []attribute.KeyValue
}

func put(list []attribute.KeyValue, key attribute.Key, value string) []attribute.KeyValue {
	if value == "" {
		return list
	}
	return append(list, key.String(value))
}

func (c legClass) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	list = put(list, "cisco.cms.call_leg.direction", c.direction)
	list = put(list, "cisco.cms.call_leg.type", c.legType)
	list = put(list, "cisco.cms.call_leg.subtype", c.subType)
	return put(list, "cisco.cms.call_leg.role", c.role)
}

func (o legOutcome) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	list = o.legClass.attributes(list)
	list = put(list, "cisco.cms.call_leg.reason", o.reason)
	return put(list, "cisco.cms.call_leg.outcome", o.outcome)
}

// callType, recordType, incompleteReason and none are what calls, records and the rest are told
// apart by.
type (
	callType   string
	recordType string
	// incompleteReason is one of correlate's, so it needs no list.
	incompleteReason string
	none             struct{}
)

func (t callType) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return put(list, "cisco.cms.call.type", string(t))
}

func (t recordType) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return put(list, "cisco.cms.record.type", string(t))
}

func (r incompleteReason) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return put(list, "cisco.cms.incomplete.reason", string(r))
}

func (none) attributes(list []attribute.KeyValue) []attribute.KeyValue { return list }
