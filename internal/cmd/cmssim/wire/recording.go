package wire

// RecordingStart tells of a recording that began.
type RecordingStart struct {
	ID          string
	Path        string // of the built-in recorder
	RecorderURI string // of a SIP recorder
	Call        string
	CallLeg     string
}

// Type is recordingStart.
func (RecordingStart) Type() string { return "recordingStart" }

func (r RecordingStart) write(w *writer) {
	w.open("recording", r.ID)
	w.text("path", r.Path)
	w.text("recorderUri", r.RecorderURI)
	w.text("call", r.Call)
	w.text("callLeg", r.CallLeg)
	w.close("recording")
}

// RecordingEnd tells of a recording's end, and nothing more.
type RecordingEnd struct{ ID string }

// Type is recordingEnd.
func (RecordingEnd) Type() string { return "recordingEnd" }

func (r RecordingEnd) write(w *writer) {
	w.open("recording", r.ID)
	w.close("recording")
}

// StreamingStart tells of a streaming that began.
type StreamingStart struct {
	ID          string
	StreamerURI string
	StreamURL   string
	Call        string
	CallLeg     string
}

// Type is streamingStart.
func (StreamingStart) Type() string { return "streamingStart" }

func (s StreamingStart) write(w *writer) {
	w.open("streaming", s.ID)
	w.text("streamerUri", s.StreamerURI)
	w.text("streamUrl", s.StreamURL)
	w.text("call", s.Call)
	w.text("callLeg", s.CallLeg)
	w.close("streaming")
}

// StreamingEnd tells of a streaming's end, and nothing more.
type StreamingEnd struct{ ID string }

// Type is streamingEnd.
func (StreamingEnd) Type() string { return "streamingEnd" }

func (s StreamingEnd) write(w *writer) {
	w.open("streaming", s.ID)
	w.close("streaming")
}
