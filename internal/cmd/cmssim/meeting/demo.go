package meeting

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// DemoBridges is the number of Call Bridges of the demonstration.
const DemoBridges = 2

// Demo returns the meeting of the demonstration: a weekly ward round of twenty minutes on two Call Bridges, with
// a lobby, an IVR, a recording, an alarm for packet loss, and a leg that times out. The seed determines the ids of
// its calls, legs and recording, and details such as codecs.
func Demo(seed uint64) Meeting {
	s := newScript(seed, 0, []string{CallBridge(0), CallBridge(1)})
	sp := newSpace(0)
	sp.name, sp.owner, sp.uri = "Weekly ward round", "Maren Holt", "ward.round@meet.example.com"
	first := &part{bridge: 0, call: sp.call(s.guid())}
	second := &part{bridge: 1, call: sp.call(s.guid())}

	guest := s.webGuest(4, 1192, sp.uri)
	guest.start.DisplayName, guest.lobbyChanges = "Jonas Brandt (Pharmacy)", []int{41}
	consultant := s.webUser(40, 1200, sp.uri)
	consultant.start.DisplayName = "Dr. Maren Holt"
	colleague := s.webUser(75, 1195, sp.uri)
	colleague.start.DisplayName = "Dr. Ana Sørensen"
	cart := s.throughIVR(10, 1188)
	cart.ivrAt, cart.joinsAt, cart.start.DisplayName, cart.lobbyChanges = 11, 27, "Ward 4 cart", []int{41}
	physio := s.room(sip, 58, 910, sp.uri)
	physio.start.DisplayName = "Physiotherapy"
	for _, l := range []*leg{guest, consultant, colleague, cart, physio} {
		l.reason, l.remoteTeardown, l.shortEnd, l.alarms, l.repeats = wire.RemoteTeardown, true, false, nil, nil
	}
	consultant.reason, consultant.remoteTeardown = wire.ClientInitiatedTeardown, false
	physio.reason, physio.remoteTeardown = wire.Timeout, false
	cart.alarms = []wire.Alarm{
		{Type: "packetLoss", DurationPercentage: 6.3}, {Type: "excessiveJitter", DurationPercentage: 0},
	}

	first.legs = []*leg{guest, consultant, colleague}
	second.legs = []*leg{cart, physio}
	s.linkParts([]*part{first, second})
	s.addRecording(first)
	first.report(s)
	second.report(s)
	return s.meeting(0, 0)
}
