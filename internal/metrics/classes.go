package metrics

import "go.opentelemetry.io/otel/attribute"

// class is a comparable value with the attributes that distinguish a series of a source.
// Its texts are constants, never texts of a document: those would keep the document in
// memory, and clients could create any number of series.
type class interface {
	comparable
	// attributes appends the attributes to list.
	attributes(list []attribute.KeyValue) []attribute.KeyValue
}

func appendNonEmpty(list []attribute.KeyValue, key attribute.Key, value string) []attribute.KeyValue {
	if value == "" {
		return list
	}
	return append(list, key.String(value))
}

type (
	callType   string
	recordType string
	// incompleteReason is one of correlate.Reasons.
	incompleteReason string
	encryptionState  string
	utilizationKind  string
	alarmType        string
	ioDirection      string
	noAttributes     struct{}
)

// legClass distinguishes call legs.
type legClass struct{ direction, legType, subType, role string }

// legOutcome is how a leg of a class ended. endedBy is set only for reasons that the
// guide does not list.
type legOutcome struct {
	legClass
	reason, outcome, endedBy string
}

// mediaCodec is a medium, audio or video, and its codec.
type mediaCodec struct{ medium, codec string }

// mediaStream is a medium in one direction, and its codec.
type mediaStream struct {
	mediaCodec
	direction ioDirection
}

func (t callType) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return appendNonEmpty(list, "cisco.cms.call.type", string(t))
}

func (t recordType) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return appendNonEmpty(list, "cisco.cms.record.type", string(t))
}

func (r incompleteReason) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return appendNonEmpty(list, "cisco.cms.incomplete.reason", string(r))
}

func (s encryptionState) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return appendNonEmpty(list, "cisco.cms.media.encryption.state", string(s))
}

func (k utilizationKind) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return appendNonEmpty(list, "cisco.cms.media.utilization.kind", string(k))
}

func (t alarmType) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return appendNonEmpty(list, "cisco.cms.alarm.type", string(t))
}

func (d ioDirection) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return appendNonEmpty(list, "network.io.direction", string(d))
}

func (noAttributes) attributes(list []attribute.KeyValue) []attribute.KeyValue { return list }

func (c legClass) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	list = appendNonEmpty(list, "cisco.cms.call_leg.direction", c.direction)
	list = appendNonEmpty(list, "cisco.cms.call_leg.type", c.legType)
	list = appendNonEmpty(list, "cisco.cms.call_leg.subtype", c.subType)
	return appendNonEmpty(list, "cisco.cms.call_leg.role", c.role)
}

func (o legOutcome) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	list = o.legClass.attributes(list)
	list = appendNonEmpty(list, "cisco.cms.call_leg.reason", o.reason)
	list = appendNonEmpty(list, "cisco.cms.call_leg.outcome", o.outcome)
	return appendNonEmpty(list, "cisco.cms.call_leg.ended_by", o.endedBy)
}

func (c mediaCodec) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	list = appendNonEmpty(list, "cisco.cms.media.type", c.medium)
	return appendNonEmpty(list, "cisco.cms.media.codec", c.codec)
}

func (s mediaStream) attributes(list []attribute.KeyValue) []attribute.KeyValue {
	return s.direction.attributes(s.mediaCodec.attributes(list))
}
