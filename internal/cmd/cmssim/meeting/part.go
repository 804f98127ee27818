package meeting

import (
	"slices"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// part is the part of a meeting on one Call Bridge: a call and its legs.
type part struct {
	bridge   int
	call     wire.CallStart
	legs     []*leg
	captures []capture
}

// capture is a recording or a streaming. It lasts while its leg is in the call.
type capture struct {
	start, end wire.Body
	leg        *leg
}

// startsAt returns the second in which the call starts, or never. The call starts when a leg first joins it or names it
// in a start record.
func (p *part) startsAt() int {
	first := never
	for _, l := range p.legs {
		second := l.joinsAt
		if l.namesCall {
			second = l.startsAt
		}
		if second != never && (first == never || second < first) {
			first = second
		}
	}
	return first
}

// endsAt returns the last second in which a leg of the call ends, or never. A leg counts if it joins the call or names it
// in its start record.
func (p *part) endsAt() int {
	last := never
	for _, l := range p.legs {
		if l.namesCall || l.joinsAt != never {
			last = max(last, l.leavesAt)
		}
	}
	return last
}

// report adds the records of the call, its legs and its captures.
func (p *part) report(s *script) {
	start := p.startsAt()
	if start != never {
		s.report(p.bridge, start, p.call)
	}
	for _, l := range p.legs {
		l.report(s, p.bridge, p.call.ID)
	}
	for _, c := range p.captures {
		s.report(p.bridge, c.leg.joinsAt, c.start)
		s.report(p.bridge, c.leg.leavesAt, c.end)
	}
	if start == never {
		return
	}
	end := p.endsAt()
	if s.chance(0.2) {
		end++
	}
	completed, maxActive := p.legCounts()
	s.report(p.bridge, end, wire.CallEnd{
		ID: p.call.ID, CallLegsCompleted: completed, CallLegsMaxActive: maxActive, DurationSeconds: end - start,
		EndpointRecorded: wire.Bool(p.hasLync() && s.chance(0.2)),
	})
}

// legCounts returns the number of legs that joined the call, and the highest number that were in it at the same time.
func (p *part) legCounts() (completed, maxActive int) {
	type change struct{ second, delta int }
	var changes []change
	for _, l := range p.legs {
		if l.joinsAt != never {
			completed++
			changes = append(changes, change{l.joinsAt, 1}, change{l.leavesAt, -1})
		}
	}
	slices.SortFunc(changes, func(a, b change) int {
		if a.second != b.second {
			return a.second - b.second
		}
		return b.delta - a.delta
	})
	active := 0
	for _, c := range changes {
		active += c.delta
		maxActive = max(maxActive, active)
	}
	return completed, maxActive
}

func (p *part) hasLync() bool {
	return slices.ContainsFunc(p.legs, func(l *leg) bool { return l.device.subType == "lync" })
}
