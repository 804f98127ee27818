package meeting

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// movableLeg returns a random leg that suits, is in the call for more than two minutes, is never in the lobby, is not
// continued by another leg, and is no leg of a Lync user, who can have several at a time. It returns nil if it finds none.
func (s *script) movableLeg(p *part, suits func(*leg) bool) *leg {
	for range p.legs {
		l := p.legs[s.rng.IntN(len(p.legs))]
		if l.joinsAt != never && l.leavesAt-l.joinsAt > 120 && len(l.lobbyChanges) == 0 && !l.continued && l.device.subType != "lync" && suits(l) {
			return l
		}
	}
	return nil
}

// moveLeg moves a participant, whose leg has canMove, from the first part of a meeting to the last part, which may be the
// same. It changes nothing if it finds no such leg.
func (s *script) moveLeg(parts []*part) {
	from, to := parts[0], parts[len(parts)-1]
	old := s.movableLeg(from, func(l *leg) bool { return l.start.CanMove == wire.True })
	if old == nil {
		return
	}
	at := s.between(old.joinsAt+30, old.leavesAt-60)
	next := s.successor(old, at)
	next.start.MovedCallLeg = old.start.ID
	if len(s.callBridges) > 1 {
		next.start.MovedCallLegCallBridge = s.callBridges[from.bridge]
	}
	old.leavesAt, old.reason, old.remoteTeardown, old.shortEnd = at+1, wire.CallMoved, false, false
	to.legs = append(to.legs, next)
}

// replaceLeg replaces a leg with a new leg of the same participant, who switches to another device of the same kind.
func (s *script) replaceLeg(p *part) {
	old := s.movableLeg(p, func(l *leg) bool { return l.start.SIPCallID != "" })
	if old == nil {
		return
	}
	at := s.between(old.joinsAt+30, old.leavesAt-60)
	next := s.successor(old, at)
	next.start.ReplacesSIPCallID = old.start.SIPCallID
	old.leavesAt, old.reason, old.remoteTeardown = at, wire.RemoteTeardown, true
	p.legs = append(p.legs, next)
}

// successor returns a new leg of the participant of old, on the same kind of device. The new leg starts and joins the call
// at the given second, and leaves when old was to leave. The caller ends old.
func (s *script) successor(old *leg, at int) *leg {
	next := *old
	next.start.ID = s.guid()
	next.start.MovedCallLeg, next.start.MovedCallLegCallBridge, next.start.ReplacesSIPCallID = "", "", ""
	if next.start.SIPCallID != "" {
		next.start.SIPCallID = s.guid()
	}
	next.startsAt, next.ivrAt, next.joinsAt = at, never, at
	next.repeats, next.alarms = nil, nil
	old.continued = true
	return &next
}

// linkParts adds a distribution link between each two successive parts of a meeting, if they overlap in time.
func (s *script) linkParts(parts []*part) {
	for i := 1; i < len(parts); i++ {
		near, far := parts[i-1], parts[i]
		start, end := max(near.startsAt(), far.startsAt()), min(near.endsAt(), far.endsAt())
		if near.startsAt() == never || far.startsAt() == never || end <= start {
			continue
		}
		s.linkTwoParts(near, far, start, end)
	}
}

// linkTwoParts adds the pair of legs of a distribution link.
func (s *script) linkTwoParts(near, far *part, start, end int) {
	out := &leg{
		device: distribution, start: s.outgoing(distribution, "", "cms@cluster.example.com"), namesCall: true,
		startsAt: start, ivrAt: never, joinsAt: start, leavesAt: end, reason: wire.CallEnded,
	}
	in := &leg{
		device: distribution, start: s.incoming(distribution, "", "cms@cluster.example.com", "cms@meet.example.com"),
		namesCall: true, startsAt: start, ivrAt: never, joinsAt: start, leavesAt: end, reason: wire.RemoteTeardown, remoteTeardown: true,
	}
	in.start.SIPCallID = out.start.SIPCallID
	near.legs = append(near.legs, out)
	far.legs = append(far.legs, in)
}
