package meeting

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// settled finds a participant who stays for a good while after joining and did not come in a group.
func (s *script) settled(p *part) *leg {
	for range p.legs {
		l := p.legs[s.rng.IntN(len(p.legs))]
		if l.joined != never && l.left-l.joined > 120 && l.device.subType != "lync" && len(l.lobby) == 0 {
			return l
		}
	}
	return nil
}

// move takes a participant from one part to another, or to a new leg of the same one.
func (s *script) move(parts []*part) {
	from, to := parts[0], parts[len(parts)-1]
	old := s.settled(from)
	if old == nil {
		return
	}
	at := s.between(old.joined+30, old.left-60)
	after := s.successor(old, at)
	after.start.MovedCallLeg = old.start.ID
	if len(s.cluster) > 1 {
		after.start.MovedCallLegCallBridge = s.cluster[from.bridge]
	}
	old.left, old.reason, old.remote, old.bare = at+1, wire.CallMoved, false, false
	to.legs = append(to.legs, after)
}

// replace hands an endpoint's call over to another of its devices.
func (s *script) replace(p *part) {
	old := s.settled(p)
	if old == nil || old.start.SIPCallID == "" {
		return
	}
	at := s.between(old.joined+30, old.left-60)
	after := s.successor(old, at)
	after.start.ReplacesSIPCallID = old.start.SIPCallID
	old.left, old.reason, old.remote = at, wire.RemoteTeardown, true
	p.legs = append(p.legs, after)
}

// successor is a leg that goes on from a second where an older one stops, which is left to the caller.
func (s *script) successor(old *leg, at int) *leg {
	after := *old
	after.start.ID = s.guid()
	if after.start.SIPCallID != "" {
		after.start.SIPCallID = s.guid()
	}
	after.began, after.ivr, after.joined = at, never, at
	after.refreshes, after.alarms = nil, nil
	return &after
}

// link connects the parts of a meeting that are in being at the same time by a pair of legs.
func (s *script) link(parts []*part) {
	for i := 1; i < len(parts); i++ {
		near, far := parts[i-1], parts[i]
		began, left := max(near.begin(), far.begin()), min(near.end(), far.end())
		if near.begin() == never || far.begin() == never || left <= began {
			continue
		}
		s.connect(near, far, began, left)
	}
}

// connect adds the two legs between two parts.
func (s *script) connect(near, far *part, began, left int) {
	out := &leg{
		device: distribution, start: s.outgoing(distribution, "", "cms@cluster.example.com"), knowsCall: true,
		began: began, ivr: never, joined: began, left: left, reason: wire.CallEnded,
	}
	in := &leg{
		device: distribution, start: s.incoming(distribution, "", "cms@cluster.example.com", "cms@meet.example.com"),
		knowsCall: true, began: began, ivr: never, joined: began, left: left, reason: wire.RemoteTeardown, remote: true,
	}
	in.start.SIPCallID = out.start.SIPCallID
	near.legs = append(near.legs, out)
	far.legs = append(far.legs, in)
}
