package meeting

import (
	"fmt"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// captured is the leg of a recorder or a streamer, shortly after the call's begin until its end; nil where
// the call is too short for one.
func (s *script) captured(p *part, address string) *leg {
	began, end := p.begin(), p.end()
	if began == never || end-began < 60 {
		return nil
	}
	began += s.between(10, 30)
	l := &leg{
		device: recorder, start: s.outgoing(recorder, "", address), knowsCall: true,
		began: began, ivr: never, joined: began + 1, left: end, reason: wire.CallEnded,
	}
	p.legs = append(p.legs, l)
	return l
}

// record adds a recording, by the built-in recorder or by a SIP recorder.
func (s *script) record(p *part) {
	l := s.captured(p, "recorder@rec.example.com")
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
	p.recordings = append(p.recordings, capture{start: r, end: wire.RecordingEnd{ID: r.ID}, leg: l})
}

// stream adds a streaming.
func (s *script) stream(p *part) {
	l := s.captured(p, "streamer@stream.example.com")
	if l == nil {
		return
	}
	l.start.Streaming = wire.True
	st := wire.StreamingStart{
		ID: s.guid(), StreamerURI: "sip:streamer@stream.example.com",
		StreamURL: "rtmp://live.example.com/app/" + p.call.ID[:8], Call: p.call.ID, CallLeg: l.start.ID,
	}
	p.recordings = append(p.recordings, capture{start: st, end: wire.StreamingEnd{ID: st.ID}, leg: l})
}
