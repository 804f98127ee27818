package meeting

import (
	"fmt"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// addCaptureLeg adds the leg of a recorder or a streamer. The leg starts 10 to 30 seconds after the call and ends with the last
// of the call's other legs.
// addCaptureLeg returns nil and adds nothing if the call does not start or is shorter than a minute.
func (s *script) addCaptureLeg(p *part, address string) *leg {
	start, end := p.startsAt(), p.endsAt()
	if start == never || end-start < 60 {
		return nil
	}
	start += s.between(10, 30)
	l := &leg{
		device: recorder, start: s.outgoing(recorder, "", address), namesCall: true,
		startsAt: start, ivrAt: never, joinsAt: start + 1, leavesAt: end, reason: wire.CallEnded,
	}
	p.legs = append(p.legs, l)
	return l
}

// addRecording adds a recording by the built-in recorder or a SIP recorder, if the call is long enough.
func (s *script) addRecording(p *part) {
	l := s.addCaptureLeg(p, "recorder@rec.example.com")
	if l == nil {
		return
	}
	l.start.Recording = wire.True
	r := wire.RecordingStart{ID: s.guid(), Call: p.call.ID, CallLeg: l.start.ID}
	if s.chance(0.5) {
		r.Path = fmt.Sprintf("/spaces/%s/%s.mp4", p.call.CoSpace, r.ID[:8])
	} else {
		r.RecorderURI = "sip:recorder@rec.example.com"
	}
	p.captures = append(p.captures, capture{start: r, end: wire.RecordingEnd{ID: r.ID}, leg: l})
}

// addStreaming adds a streaming, if the call is long enough.
func (s *script) addStreaming(p *part) {
	l := s.addCaptureLeg(p, "streamer@stream.example.com")
	if l == nil {
		return
	}
	l.start.Streaming = wire.True
	st := wire.StreamingStart{
		ID: s.guid(), StreamerURI: "sip:streamer@stream.example.com",
		StreamURL: "rtmp://live.example.com/app/" + p.call.ID[:8], Call: p.call.ID, CallLeg: l.start.ID,
	}
	p.captures = append(p.captures, capture{start: st, end: wire.StreamingEnd{ID: st.ID}, leg: l})
}
