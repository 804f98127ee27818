package meeting

import (
	"slices"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// part is one Call Bridge's share of a meeting: its call and the legs that it runs.
type part struct {
	bridge     int
	call       wire.CallStart
	legs       []*leg
	recordings []capture
}

// capture is a recording or a streaming, from its leg's joining to its leaving.
type capture struct {
	start, end wire.Body
	leg        *leg
}

// begin is when the first leg needs the call, and end when the last one leaves it; never for a part that
// nobody came to.
func (p *part) begin() int {
	begin := never
	for _, l := range p.legs {
		needed := l.joined
		if l.knowsCall {
			needed = l.began
		}
		if needed != never && (begin == never || needed < begin) {
			begin = needed
		}
	}
	return begin
}

func (p *part) end() int {
	end := never
	for _, l := range p.legs {
		if l.knowsCall || l.joined != never {
			end = max(end, l.left)
		}
	}
	return end
}

// tell reports the call and all of its legs.
func (p *part) tell(s *script) {
	begin := p.begin()
	if begin != never {
		s.tell(p.bridge, begin, p.call)
	}
	for _, l := range p.legs {
		l.tell(s, p.bridge, p.call.ID)
	}
	for _, c := range p.recordings {
		s.tell(p.bridge, c.leg.joined, c.start)
		s.tell(p.bridge, c.leg.left, c.end)
	}
	if begin == never {
		return
	}
	end := p.end()
	if s.chance(0.2) {
		end++
	}
	completed, most := p.attendance()
	s.tell(p.bridge, end, wire.CallEnd{
		ID: p.call.ID, CallLegsCompleted: completed, CallLegsMaxActive: most, DurationSeconds: end - begin,
		EndpointRecorded: wire.Bool(p.hasLync() && s.chance(0.2)),
	})
}

// attendance counts the legs that were in the call, and the most at one time.
func (p *part) attendance() (completed, most int) {
	type change struct{ second, by int }
	var changes []change
	for _, l := range p.legs {
		if l.joined != never {
			completed++
			changes = append(changes, change{l.joined, 1}, change{l.left, -1})
		}
	}
	slices.SortFunc(changes, func(a, b change) int {
		if a.second != b.second {
			return a.second - b.second
		}
		return b.by - a.by
	})
	active := 0
	for _, c := range changes {
		active += c.by
		most = max(most, active)
	}
	return completed, most
}

func (p *part) hasLync() bool {
	return slices.ContainsFunc(p.legs, func(l *leg) bool { return l.device.subType == "lync" })
}
