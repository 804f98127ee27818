package cdr

// Recording is what a record says of a recording (guide, chapter 3).
type Recording struct {
	// Path is the folder and file of the built-in recorder.
	Path string
	// RecorderURI is that of a third-party SIP recorder (older: recorderUrl).
	RecorderURI string
	// Call and CallLeg are GUIDs: what is recorded, and the leg that records.
	Call, CallLeg string
}

// RecordingStart says that a recording began.
type RecordingStart struct{ Recording }

// RecordingEnd says that a recording ended.
type RecordingEnd struct{ Recording }

func (r *Recording) set(name string, n *Node, _ []Node) bool {
	switch name {
	case "path":
		return setText(&r.Path, n)
	case "recorderUri", "recorderUrl":
		return setWord(&r.RecorderURI, n)
	case "call":
		return setGUID(&r.Call, n)
	case "callLeg":
		return setGUID(&r.CallLeg, n)
	}
	return false
}
