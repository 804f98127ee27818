package cdr

// Recording is what a record contains about a recording (guide, chapter 4).
type Recording struct {
	// Path is the folder and name of the file that the built-in recorder writes.
	Path string
	// RecorderURI is the URI of a third-party SIP recorder (older releases:
	// recorderUrl).
	RecorderURI string
	// Call and CallLeg are the GUIDs of the recorded call and of the leg that
	// records.
	Call, CallLeg string
}

// RecordingStart reports that a recording started.
type RecordingStart struct{ Recording }

// RecordingEnd reports that a recording ended.
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
