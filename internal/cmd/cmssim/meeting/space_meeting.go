package meeting

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// plan has the properties of a meeting of any kind.
type plan struct {
	length  int // seconds
	bridges []int
	address string // which participants dial
}

// addParticipants adds participants to the parts. Some join late or leave early.
func (s *script) addParticipants(p plan, parts []*part, participants int) {
	endReason := "" // of the legs that are in the meeting when it ends; empty if they hang up
	if s.chance(0.4) {
		endReason = s.pick(meetingEndReasons)
	}
	for i := range participants {
		part := parts[(i+s.rng.IntN(2))%len(parts)]
		arrives := s.between(0, min(150, p.length/3))
		if s.chance(0.1) {
			arrives = s.between(0, p.length*2/3)
		}
		leaves := p.length - s.between(0, 25)
		early := s.chance(0.15)
		if early {
			leaves = s.between(arrives+20, p.length)
		} else if endReason != "" {
			leaves = p.length
		}
		legs := s.participant(arrives, leaves, p.address)
		if endReason != "" && !early {
			for _, l := range legs {
				if l.leavesAt >= leaves { // a shared screen can end before
					l.reason, l.remoteTeardown = endReason, false
				}
			}
		}
		part.legs = append(part.legs, legs...)
	}
}

// addUnsuccessful adds legs that do not join the call.
func (s *script) addUnsuccessful(p plan, part *part) {
	if s.chance(0.18) {
		part.legs = append(part.legs, s.stuckInIVR(s.between(0, p.length/2)))
	}
	if s.chance(0.15) {
		part.legs = append(part.legs, s.unanswered(s.between(0, p.length/2)))
	}
	if s.chance(0.03) {
		part.legs = append(part.legs, s.unencrypted(s.between(0, p.length/2), p.address))
	}
}

// spaceMeeting generates a meeting in a coSpace, on the Call Bridges of the plan.
func (s *script) spaceMeeting(p plan, sp *space) {
	parts := make([]*part, len(p.bridges))
	for i, bridge := range p.bridges {
		parts[i] = &part{bridge: bridge, call: sp.call(s.guid())}
	}
	parts[0].call.CDRTag = s.pick(cdrTags)
	s.addParticipants(p, parts, s.participantCount())
	s.addUnsuccessful(p, parts[0])
	if s.chance(0.2) {
		s.addLobby(parts, s.between(60, 240))
	}
	if s.chance(0.12) {
		s.replaceLeg(parts[0])
	}
	if s.chance(0.15) {
		s.moveLeg(parts)
	}
	s.linkParts(parts)
	if s.chance(0.15) {
		s.addRecording(parts[0])
	}
	if s.chance(0.06) {
		s.addStreaming(parts[0])
	}
	for _, part := range parts {
		part.report(s)
	}
}

// participantCount returns 2 to 9. Low numbers are more frequent, so that a call seldom has more than 12 legs, including
// those of recorders, streamers and distribution links.
func (s *script) participantCount() int { return 2 + min(s.rng.IntN(8), s.rng.IntN(8)) }

// addLobby puts the legs that join before the second activatedAt, and leave after it, into the lobby until activatedAt,
// as if an activator joined then. Some of them return to the lobby once, five minutes later.
func (s *script) addLobby(parts []*part, activatedAt int) {
	for _, part := range parts {
		for _, l := range part.legs {
			if l.joinsAt == never || l.joinsAt >= activatedAt || l.leavesAt <= activatedAt {
				continue
			}
			l.lobbyChanges = []int{activatedAt}
			if second := activatedAt + 300; s.chance(0.2) && second+90 < l.leavesAt {
				l.lobbyChanges = append(l.lobbyChanges, second, second+s.between(20, 90))
			}
		}
	}
}

// meetingLength returns the seconds of a meeting: 3 to 60 minutes, half of them less than 20.
func (s *script) meetingLength() int {
	return 180 + min(s.rng.IntN(3420), s.rng.IntN(3420))
}

// callWithoutSpace completes a call without a coSpace. Its correlator is always new.
func (s *script) callWithoutSpace(call wire.CallStart) wire.CallStart {
	call.ID, call.CallCorrelator = s.guid(), s.guid()
	call.CoSpaceMetaDataConfigured = wire.False
	return call
}
