package cdr

// bodies holds the body of the last record of each type, which is reused for the next
// one.
type bodies struct {
	callStart      *CallStart
	callEnd        *CallEnd
	callLegStart   *CallLegStart
	callLegUpdate  *CallLegUpdate
	callLegEnd     *CallLegEnd
	recordingStart *RecordingStart
	recordingEnd   *RecordingEnd
	streamingStart *StreamingStart
	streamingEnd   *StreamingEnd
}

// empty returns an empty body for a record type and the name of the element that such
// records contain; nil for a type that is not in the guide.
func (b *bodies) empty(recordType string) (body Body, element string) {
	switch recordType {
	case "callStart":
		return renew(&b.callStart), "call"
	case "callEnd":
		return renew(&b.callEnd), "call"
	case "callLegStart":
		return renew(&b.callLegStart), "callLeg"
	case "callLegUpdate":
		return renew(&b.callLegUpdate), "callLeg"
	case "callLegEnd":
		var alarms []Alarm
		if b.callLegEnd != nil {
			alarms = b.callLegEnd.Alarms[:0]
		}
		end := renew(&b.callLegEnd)
		end.Alarms = alarms
		return end, "callLeg"
	case "recordingStart":
		return renew(&b.recordingStart), "recording"
	case "recordingEnd":
		return renew(&b.recordingEnd), "recording"
	case "streamingStart":
		return renew(&b.streamingStart), "streaming"
	case "streamingEnd":
		return renew(&b.streamingEnd), "streaming"
	}
	return nil, ""
}

// clear empties the bodies.
func (b *bodies) clear() {
	empty(b.callStart)
	empty(b.callEnd)
	empty(b.callLegStart)
	empty(b.callLegUpdate)
	empty(b.callLegEnd)
	empty(b.recordingStart)
	empty(b.recordingEnd)
	empty(b.streamingStart)
	empty(b.streamingEnd)
}

func empty[T any](body *T) {
	if body != nil {
		*body = *new(T)
	}
}

func renew[T any](body **T) *T {
	if *body == nil {
		*body = new(T)
	} else {
		**body = *new(T)
	}
	return *body
}
