package metrics

import "go.opentelemetry.io/otel/attribute"

// What series are told apart by, beside their source. Each is a comparable value
// whose texts are from lists, never from a document: documents would be held in
// memory by them, and whoever posts could make series.

// attributer is a comparable value that attributes are made of.
type class interface {
	comparable
	attributes(list []attribute.KeyValue) []attribute.KeyValue
}

func put(list []attribute.KeyValue, key attribute.Key, value string) []attribute.KeyValue {
	if value == "" {
		return list
	}
	return append(list, key.String(value))
}

type (
	callType   string
	recordType string
	// incompleteReason is one of correlate's, so it needs no list.
	incompleteReason string
	encryptionState  string
	utilizationKind  string
	alarmType        string
	ioDirection      string
	noAttributes     struct{}
)

// legClass is what legs are told apart by.
type legClass struct{ direction, legType, subType, role string }

// legOutcome is how a leg of a class ended. Of reasons that are not listed it also
// tells who ended the leg.
type legOutcome struct {
	legClass
	reason, outcome, endedBy string
}

// codecOf is a medium, audio or video, and its codec.
type mediaCodec struct{ medium, codec string }

// streamOf is a medium one way, and its codec.
type mediaStream struct {
	mediaCodec
	direction ioDirection
}

func (t callType) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return put(list, "cisco.cms.call.type", string(t))
}

func (t recordType) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return put(list, "cisco.cms.record.type", string(t))
}

func (r incompleteReason) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return put(list, "cisco.cms.incomplete.reason", string(r))
}

func (s encryptionState) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return put(list, "cisco.cms.media.encryption.state", string(s))
}

func (k utilizationKind) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return put(list, "cisco.cms.media.utilization.kind", string(k))
}

func (t alarmType) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return put(list, "cisco.cms.alarm.type", string(t))
}

func (d ioDirection) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return put(list, "network.io.direction", string(d))
}

func (noAttributes) attributes(list []attribute.KeyValue) []attribute.KeyValue { return list }

func (c legClass) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	list = put(list, "cisco.cms.call_leg.direction", c.direction)
	list = put(list, "cisco.cms.call_leg.type", c.legType)
	list = put(list, "cisco.cms.call_leg.subtype", c.subType)
	return put(list, "cisco.cms.call_leg.role", c.role)
}

func (o legOutcome) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	list = o.legClass.attributes(list)
	list = put(list, "cisco.cms.call_leg.reason", o.reason)
	list = put(list, "cisco.cms.call_leg.outcome", o.outcome)
	return put(list, "cisco.cms.call_leg.ended_by", o.endedBy)
}

func (c mediaCodec) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	list = put(list, "cisco.cms.media.type", c.medium)
	return put(list, "cisco.cms.media.codec", c.codec)
}

func (s mediaStream) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return s.direction.attributes(s.mediaCodec.attributes(list))
}
