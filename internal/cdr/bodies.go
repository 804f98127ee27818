package cdr

// RecordTypes lists the record types of the guide (chapter 3). A record of each of them
// has a body.
var RecordTypes = []string{
	"callStart", "callEnd", "callLegStart", "callLegUpdate", "callLegEnd",
	"recordingStart", "recordingEnd", "streamingStart", "streamingEnd",
}

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

// forType returns an empty body for a record of the type, and the name of the element that
// such a record contains. For a type that is not in the guide it returns nil and an empty
// name. The body is valid until the next call with the same type, or until clear.
func (b *bodies) forType(recordType string) (body Body, element string) {
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

// clear empties the bodies and keeps their memory, except that of the alarms.
func (b *bodies) clear() {
	reset(b.callStart)
	reset(b.callEnd)
	reset(b.callLegStart)
	reset(b.callLegUpdate)
	reset(b.callLegEnd)
	reset(b.recordingStart)
	reset(b.recordingEnd)
	reset(b.streamingStart)
	reset(b.streamingEnd)
}

func reset[T any](body *T) {
	if body != nil {
		*body = *new(T)
	}
}

// renew returns the empty body, which it allocates at the first call.
func renew[T any](body **T) *T {
	if *body == nil {
		*body = new(T)
	} else {
		**body = *new(T)
	}
	return *body
}
