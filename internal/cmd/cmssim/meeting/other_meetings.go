package meeting

import (
	"fmt"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// adHocMeeting generates a meeting without a coSpace, such as a call between two endpoints that became a conference. If
// the plan has two Call Bridges, the meeting has a call on each, with the same correlator.
func (s *script) adHocMeeting(p plan) {
	call := s.callWithoutSpace(wire.CallStart{Name: "Ad hoc " + s.pick(rooms), CallType: "adHoc"})
	parts := []*part{{bridge: p.bridges[0], call: call}}
	if len(p.bridges) > 1 {
		call.ID = s.guid()
		parts = append(parts, &part{bridge: p.bridges[1], call: call})
	}
	s.addParticipants(p, parts, s.between(2, 4))
	s.linkParts(parts)
	for _, part := range parts {
		part.report(s)
	}
}

// lyncMeeting generates a conference that Lync hosts and that some endpoints join.
func (s *script) lyncMeeting(p plan) {
	part := &part{bridge: p.bridges[0], call: s.callWithoutSpace(wire.CallStart{CallType: "lyncConferencing"})}
	lyncLeg := s.stay(lyncDistribution, s.outgoing(lyncDistribution, "", "conf@lync.example.com"), 0, p.length)
	lyncLeg.namesCall = true
	part.legs = append(part.legs, lyncLeg)
	for range s.between(1, 3) {
		part.legs = append(part.legs, s.room(sip, s.between(0, 40), p.length-s.between(0, 20), p.address))
	}
	part.report(s)
}

// forwardedCall generates a call that the Call Bridge forwards to an endpoint, which sometimes does not answer.
func (s *script) forwardedCall(p plan) {
	part := &part{bridge: p.bridges[0], call: s.callWithoutSpace(wire.CallStart{CallType: "forwarding"})}
	caller := s.room(sip, 0, p.length, fmt.Sprintf("ext%d@meet.example.com", s.between(100, 999)))
	part.legs = append(part.legs, caller)
	if s.chance(0.25) {
		callee := s.unanswered(caller.joinsAt)
		caller.leavesAt, caller.reason, caller.remoteTeardown = callee.leavesAt, wire.LocalTeardown, false
		caller.shortEnd = false
		part.legs = append(part.legs, callee)
	} else {
		callee := s.dialled(caller.joinsAt, caller.leavesAt)
		callee.leavesAt, callee.reason, callee.remoteTeardown = max(caller.leavesAt, callee.joinsAt+1), wire.LocalTeardown, false
		part.legs = append(part.legs, callee)
	}
	part.report(s)
}

// scannerBurst generates the legs of a scanner that dials many addresses that do not exist. The legs join no
// call.
func (s *script) scannerBurst(bridge int) {
	source := fmt.Sprintf("@192.0.2.%d", s.between(1, 254))
	second := 0
	for i := range s.between(20, 120) {
		start := s.incoming(sip, s.pick(hostileNames), hostileNames[0]+source, fmt.Sprintf("%d@192.0.2.10", 9000+i))
		l := &leg{
			device: sip, start: start, startsAt: second, ivrAt: never, joinsAt: never,
			leavesAt: second + s.between(0, 1), reason: wire.UnknownDestination, shortEnd: s.chance(0.5),
		}
		l.report(s, bridge, "")
		second += s.between(0, 1)
	}
}
