package meeting

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// plan is what all kinds of meetings need to know.
type plan struct {
	length  int // seconds
	bridges []int
	called  string // the meeting's address
}

// gather fills parts with participants, some of whom come late, go early or never get in.
func (s *script) gather(p plan, parts []*part, heads int) {
	over := ""
	if s.chance(0.4) {
		over = s.pick(overForAll)
	}
	for i := range heads {
		at := parts[(i+s.rng.IntN(2))%len(parts)]
		arrives := s.between(0, min(150, p.length/3))
		if s.chance(0.1) {
			arrives = s.between(0, p.length*2/3)
		}
		leaves := p.length - s.between(0, 25)
		early := s.chance(0.15)
		if early {
			leaves = s.between(arrives+20, p.length)
		} else if over != "" {
			leaves = p.length
		}
		legs := s.participant(arrives, leaves, p.called)
		if over != "" && !early {
			for _, l := range legs {
				l.reason, l.remote = over, false
			}
		}
		at.legs = append(at.legs, legs...)
	}
}

// strays adds those who do not get in.
func (s *script) strays(p plan, at *part) {
	if s.chance(0.18) {
		at.legs = append(at.legs, s.stuckInIVR(s.between(0, p.length/2)))
	}
	if s.chance(0.15) {
		at.legs = append(at.legs, s.unanswered(s.between(0, p.length/2)))
	}
	if s.chance(0.03) {
		at.legs = append(at.legs, s.turnedAway(s.between(0, p.length/2), p.called))
	}
}

// inSpace is a meeting in a coSpace, on as many Call Bridges as the plan names.
func (s *script) inSpace(p plan, sp *space) {
	parts := make([]*part, len(p.bridges))
	for i, bridge := range p.bridges {
		parts[i] = &part{bridge: bridge, call: sp.call(s.guid())}
	}
	parts[0].call.CDRTag = s.pick(cdrTags)
	s.gather(p, parts, s.heads())
	s.strays(p, parts[0])
	if s.chance(0.2) {
		s.keepWaiting(parts, s.between(60, 240))
	}
	if s.chance(0.12) {
		s.replace(parts[0])
	}
	if s.chance(0.15) {
		s.move(parts)
	}
	s.link(parts)
	if s.chance(0.15) {
		s.record(parts[0])
	}
	if s.chance(0.06) {
		s.stream(parts[0])
	}
	for _, at := range parts {
		at.tell(s)
	}
}

// heads draws how many take part: two to nine, mostly few. With what else has a leg it is seldom above 12.
func (s *script) heads() int { return 2 + min(s.rng.IntN(8), s.rng.IntN(8)) }

// keepWaiting puts everybody who comes before the activator into the lobby; some are sent there once more.
func (s *script) keepWaiting(parts []*part, activator int) {
	for _, at := range parts {
		for _, l := range at.legs {
			if l.joined == never || l.joined >= activator || l.left <= activator {
				continue
			}
			l.lobby = []int{activator}
			if back := activator + 300; s.chance(0.2) && back+90 < l.left {
				l.lobby = append(l.lobby, back, back+s.between(20, 90))
			}
		}
	}
}

// lengthOf draws a meeting's length: a few minutes to an hour, half of them below twenty.
func (s *script) lengthOf() int {
	return 180 + min(s.rng.IntN(3420), s.rng.IntN(3420))
}

// correlator names a call that is in no coSpace; it is new every time.
func (s *script) correlator(call wire.CallStart) wire.CallStart {
	call.ID, call.CallCorrelator = s.guid(), s.guid()
	call.CoSpaceMetaDataConfigured = wire.False
	return call
}
