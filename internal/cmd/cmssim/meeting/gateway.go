package meeting

import (
	"fmt"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// adHoc is a meeting that some endpoints escalated to, in no coSpace. On two Call Bridges it is one
// distributed call.
func (s *script) adHoc(p plan) {
	call := s.correlator(wire.CallStart{Name: "Ad hoc " + s.pick(rooms), CallType: "adHoc"})
	parts := []*part{{bridge: p.bridges[0], call: call}}
	if len(p.bridges) > 1 {
		call.ID = s.guid()
		parts = append(parts, &part{bridge: p.bridges[1], call: call})
	}
	s.gather(p, parts, s.between(2, 4))
	s.link(parts)
	for _, at := range parts {
		at.tell(s)
	}
}

// inLync connects a few endpoints to a conference that Lync hosts.
func (s *script) inLync(p plan) {
	at := &part{bridge: p.bridges[0], call: s.correlator(wire.CallStart{CallType: "lyncConferencing"})}
	far := s.stay(lyncDistribution, s.outgoing(lyncDistribution, "", "conf@lync.example.com"), 0, p.length)
	far.knowsCall = true
	at.legs = append(at.legs, far)
	for range s.between(1, 3) {
		at.legs = append(at.legs, s.room(sip, s.between(0, 40), p.length-s.between(0, 20), p.called))
	}
	at.tell(s)
}

// forwarded is a call that the Call Bridge passes on to somebody else, who may not answer.
func (s *script) forwarded(p plan) {
	at := &part{bridge: p.bridges[0], call: s.correlator(wire.CallStart{CallType: "forwarding"})}
	caller := s.room(sip, 0, p.length, fmt.Sprintf("ext%d@meet.example.com", s.between(100, 999)))
	at.legs = append(at.legs, caller)
	if s.chance(0.25) {
		callee := s.unanswered(caller.joined)
		caller.left, caller.reason, caller.remote = callee.left, wire.LocalTeardown, false
		caller.bare = false
		at.legs = append(at.legs, callee)
	} else {
		callee := s.dialled(caller.joined, caller.left)
		callee.left, callee.reason, callee.remote = max(caller.left, callee.joined+1), wire.LocalTeardown, false
		at.legs = append(at.legs, callee)
	}
	at.tell(s)
}

// scan is a burst of calls to addresses that nobody has.
func (s *script) scan(bridge int) {
	source := fmt.Sprintf("@192.0.2.%d", s.between(1, 254))
	second := 0
	for i := range s.between(20, 120) {
		start := s.incoming(sip, s.pick(hostile), s.pick(hostile[:1])+source, fmt.Sprintf("%d@192.0.2.10", 9000+i))
		l := &leg{
			device: sip, start: start, began: second, ivr: never, joined: never,
			left: second + s.between(0, 1), reason: wire.UnknownDestination, bare: s.chance(0.5),
		}
		l.tell(s, bridge, "")
		second += s.between(0, 1)
	}
}
