package meeting

import (
	"fmt"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// participant returns the legs of a participant on a random device. A Lync user may have several legs.
func (s *script) participant(arrives, leaves int, meetingAddress string) []*leg {
	switch p := s.rng.Float64(); {
	case p < 0.34:
		return []*leg{s.webGuest(arrives, leaves, meetingAddress)}
	case p < 0.46:
		return []*leg{s.webUser(arrives, leaves, meetingAddress)}
	case p < 0.66:
		return []*leg{s.throughIVR(arrives, leaves)}
	case p < 0.80:
		return []*leg{s.room(sip, arrives, leaves, meetingAddress)}
	case p < 0.84:
		return []*leg{s.room(avaya, arrives, leaves, meetingAddress)}
	case p < 0.92:
		return []*leg{s.dialled(arrives, leaves)}
	default:
		return s.lyncUser(arrives, leaves, meetingAddress)
	}
}

// stay returns a leg that joins within a second of its start and leaves at the given second, or later if it has not
// joined by then.
func (s *script) stay(d device, start wire.CallLegStart, arrives, leaves int) *leg {
	l := &leg{
		device: d, start: start, startsAt: arrives, ivrAt: never, joinsAt: arrives + s.between(0, 1),
		alarms: s.alarms(),
	}
	l.leavesAt = max(leaves, l.joinsAt+1)
	s.setEndReason(l)
	for s.chance(0.1) {
		l.repeats = append(l.repeats, s.between(l.joinsAt, l.leavesAt))
	}
	return l
}

// webGuest returns the leg of a guest in a browser.
func (s *script) webGuest(arrives, leaves int, meetingAddress string) *leg {
	l := s.stay(webApp, s.incoming(webApp, s.pick(people), "", meetingAddress), arrives, leaves)
	l.start.RemoteAddress = fmt.Sprintf("guest%d@meet.example.com", s.between(1000000, 9999999))
	l.start.RemoteParty = l.start.RemoteAddress
	l.start.GuestConnection = wire.True
	l.namesCall = true
	return l
}

// webUser returns the leg of a user who has logged in to the web app.
func (s *script) webUser(arrives, leaves int, meetingAddress string) *leg {
	l := s.stay(webApp, s.incoming(webApp, s.pick(people), "user@example.com", meetingAddress), arrives, leaves)
	l.namesCall = true
	if s.chance(0.1) {
		l.start.OwnerID = fmt.Sprintf("portal-%d", s.between(1, 500))
	}
	return l
}

// room returns the leg of a room system that dials the address of a meeting.
func (s *script) room(d device, arrives, leaves int, meetingAddress string) *leg {
	return s.stay(d, s.incoming(d, s.pick(rooms), s.address(), meetingAddress), arrives, leaves)
}

// throughIVR returns the leg of a room system that joins the meeting through the IVR.
func (s *script) throughIVR(arrives, leaves int) *leg {
	l := s.room(sip, arrives, leaves, "meet@meet.example.com")
	l.ivrAt = l.joinsAt
	l.joinsAt += s.between(4, 30)
	l.leavesAt = max(l.leavesAt, l.joinsAt+1)
	return l
}

// dialled returns the leg of a room system that the meeting calls. Some users must confirm that they join.
func (s *script) dialled(arrives, leaves int) *leg {
	l := s.stay(sip, s.outgoing(sip, s.pick(rooms), s.address()), arrives, leaves)
	l.namesCall = true
	l.joinsAt += s.between(2, 12)
	l.leavesAt = max(l.leavesAt, l.joinsAt+1)
	if s.chance(0.3) {
		l.start.ConfirmationStatus, l.confirmation = "required", "confirmed"
	}
	return l
}

// lyncUser returns a leg for audio and video, a leg for each time that the user shares the screen, and perhaps one for
// messages. They have the same groupId.
func (s *script) lyncUser(arrives, leaves int, meetingAddress string) []*leg {
	name, address := s.pick(people), fmt.Sprintf("lync%d@example.com", s.between(100, 999))
	main := s.stay(lync, s.incoming(lync, name, address, meetingAddress), arrives, leaves)
	legs := []*leg{main}
	addLeg := func(d device, start, end int) {
		l := &leg{
			device: d, start: s.incoming(d, name, address, meetingAddress), startsAt: start, ivrAt: never, joinsAt: start, leavesAt: end,
			reason: wire.RemoteTeardown, remoteTeardown: true,
		}
		l.start.GroupID = main.start.GroupID
		legs = append(legs, l)
	}
	for second := main.joinsAt + 30; s.chance(0.4) && second < main.leavesAt-30; second += 60 {
		until := s.between(second+20, main.leavesAt-5)
		addLeg(lyncSharing, second, until)
		second = until
	}
	if s.chance(0.5) {
		addLeg(lyncMessaging, main.joinsAt, main.leavesAt)
	}
	return legs
}
