package meeting

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// DemoBridges is how many Call Bridges the demonstration takes place on.
const DemoBridges = 2

// Demo is one meeting that has something of everything: a weekly ward round of twenty minutes on two Call
// Bridges, with a lobby, an IVR, a recording, bad sound and a leg that is lost. The seed makes its ids.
func Demo(seed uint64) Meeting {
	s := newScript(seed, 0, []string{CallBridge(0), CallBridge(1)})
	sp := newSpace(0)
	sp.name, sp.owner, sp.uri = "Weekly ward round", "Maren Holt", "ward.round@meet.example.com"
	home := &part{bridge: 0, call: sp.call(s.guid())}
	away := &part{bridge: 1, call: sp.call(s.guid())}

	guest := s.webGuest(4, 1192, sp.uri)
	guest.start.DisplayName, guest.lobby = "Jonas Brandt (Pharmacy)", []int{41}
	consultant := s.webUser(40, 1200, sp.uri)
	consultant.start.DisplayName = "Dr. Maren Holt"
	colleague := s.webUser(75, 1195, sp.uri)
	colleague.start.DisplayName = "Dr. Ana Sørensen"
	cart := s.throughIVR(10, 1188)
	cart.ivr, cart.joined, cart.start.DisplayName, cart.lobby = 11, 27, "Ward 4 cart", []int{41}
	physio := s.room(sip, 58, 910, sp.uri)
	physio.start.DisplayName = "Physiotherapy"
	for _, l := range []*leg{guest, consultant, colleague, cart, physio} {
		l.reason, l.remote, l.bare, l.alarms, l.refreshes = wire.RemoteTeardown, true, false, nil, nil
	}
	consultant.reason, consultant.remote = wire.ClientInitiatedTeardown, false
	physio.reason, physio.remote = wire.Timeout, false
	cart.alarms = []wire.Alarm{
		{Type: "packetLoss", DurationPercentage: 6.3}, {Type: "excessiveJitter", DurationPercentage: 0},
	}

	home.legs = []*leg{guest, consultant, colleague}
	away.legs = []*leg{cart, physio}
	s.link([]*part{home, away})
	s.record(home)
	home.tell(s)
	away.tell(s)
	return s.finish(0, 0)
}
