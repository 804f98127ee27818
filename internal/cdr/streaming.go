package cdr

// Streaming is what a record contains about a streaming (guide, chapter 4).
type Streaming struct {
	// StreamerURI is the URI of the SIP streamer (older releases: streamerUrl).
	StreamerURI string
	// StreamURI is the destination of the stream (also sent as streamUrl), StreamName the
	// name of the stream.
	StreamURI, StreamName string
	// Call and CallLeg are the GUIDs of the streamed call and of the leg that
	// streams.
	Call, CallLeg string
}

// StreamingStart reports that a streaming started.
type StreamingStart struct{ Streaming }

// StreamingEnd reports that a streaming ended.
type StreamingEnd struct{ Streaming }

func (s *Streaming) set(name string, n *Node, _ []Node) bool {
	switch name {
	case "streamerUri", "streamerUrl":
		return setWord(&s.StreamerURI, n)
	case "streamUri", "streamUrl":
		return setWord(&s.StreamURI, n)
	case "streamName":
		return setText(&s.StreamName, n)
	case "call":
		return setGUID(&s.Call, n)
	case "callLeg":
		return setGUID(&s.CallLeg, n)
	}
	return false
}
