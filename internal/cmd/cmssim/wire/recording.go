package wire

// RecordingStart is the record of a recording that started.
type RecordingStart struct {
	ID          string
	Path        string // of the file that the built-in recorder writes
	RecorderURI string // of a SIP recorder
	Call        string
	CallLeg     string
}

// Type returns recordingStart.
func (RecordingStart) Type() string { return "recordingStart" }

func (r RecordingStart) write(w *writer) {
	w.open("recording", r.ID)
	w.text("path", r.Path)
	w.text("recorderUri", r.RecorderURI)
	w.text("call", r.Call)
	w.text("callLeg", r.CallLeg)
	w.close("recording")
}

// RecordingEnd is the record of a recording that ended.
type RecordingEnd struct{ ID string }

// Type returns recordingEnd.
func (RecordingEnd) Type() string { return "recordingEnd" }

func (r RecordingEnd) write(w *writer) {
	w.open("recording", r.ID)
	w.close("recording")
}

// StreamingStart is the record of a streaming that started.
type StreamingStart struct {
	ID          string
	StreamerURI string
	StreamURL   string
	Call        string
	CallLeg     string
}

// Type returns streamingStart.
func (StreamingStart) Type() string { return "streamingStart" }

func (s StreamingStart) write(w *writer) {
	w.open("streaming", s.ID)
	w.text("streamerUri", s.StreamerURI)
	w.text("streamUrl", s.StreamURL)
	w.text("call", s.Call)
	w.text("callLeg", s.CallLeg)
	w.close("streaming")
}

// StreamingEnd is the record of a streaming that ended.
type StreamingEnd struct{ ID string }

// Type returns streamingEnd.
func (StreamingEnd) Type() string { return "streamingEnd" }

func (s StreamingEnd) write(w *writer) {
	w.open("streaming", s.ID)
	w.close("streaming")
}
