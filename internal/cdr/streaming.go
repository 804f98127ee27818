package cdr

// Streaming is what a record says of a streaming (guide, chapter 3).
type Streaming struct {
	// StreamerURI is that of the internal SIP streamer (older: streamerUrl).
	StreamerURI string
	// StreamURI is where to (on the wire also streamUrl); StreamName its name.
	StreamURI, StreamName string
	// Call and CallLeg are GUIDs: what is streamed, and the leg that streams.
	Call, CallLeg string
}

// StreamingStart says that a streaming began.
type StreamingStart struct{ Streaming }

// StreamingEnd says that a streaming ended.
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
