package meeting

import (
	"fmt"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// participant is somebody who arrives at one second of a meeting and leaves at another; a Lync user brings
// several legs.
func (s *script) participant(arrives, leaves int, called string) []*leg {
	switch p := s.rng.Float64(); {
	case p < 0.34:
		return []*leg{s.webGuest(arrives, leaves, called)}
	case p < 0.46:
		return []*leg{s.webUser(arrives, leaves, called)}
	case p < 0.66:
		return []*leg{s.throughIVR(arrives, leaves)}
	case p < 0.80:
		return []*leg{s.room(sip, arrives, leaves, called)}
	case p < 0.84:
		return []*leg{s.room(avaya, arrives, leaves, called)}
	case p < 0.92:
		return []*leg{s.dialled(arrives, leaves)}
	default:
		return s.lyncUser(arrives, leaves, called)
	}
}

// stay is the common part of all participants: they come, are there for a while and go.
func (s *script) stay(d device, start wire.CallLegStart, arrives, leaves int) *leg {
	l := &leg{
		device: d, start: start, began: arrives, ivr: never, joined: arrives + s.between(0, 1),
		alarms: s.trouble(),
	}
	l.left = max(leaves, l.joined+1)
	s.leave(l)
	for s.chance(0.1) {
		l.refreshes = append(l.refreshes, s.between(l.joined, l.left))
	}
	return l
}

func (s *script) webGuest(arrives, leaves int, called string) *leg {
	l := s.stay(webApp, s.incoming(webApp, s.pick(people), "", called), arrives, leaves)
	l.start.RemoteAddress = fmt.Sprintf("guest%d@meet.example.com", s.between(1000000, 9999999))
	l.start.RemoteParty = l.start.RemoteAddress
	l.start.GuestConnection = wire.True
	l.knowsCall = true
	return l
}

func (s *script) webUser(arrives, leaves int, called string) *leg {
	l := s.stay(webApp, s.incoming(webApp, s.pick(people), "user@example.com", called), arrives, leaves)
	l.knowsCall = true
	if s.chance(0.1) {
		l.start.OwnerID = fmt.Sprintf("portal-%d", s.between(1, 500))
	}
	return l
}

// room is an endpoint that dials a meeting's address.
func (s *script) room(d device, arrives, leaves int, called string) *leg {
	return s.stay(d, s.incoming(d, s.pick(rooms), s.address(), called), arrives, leaves)
}

// throughIVR is an endpoint that dials the menu and keys in the meeting's number.
func (s *script) throughIVR(arrives, leaves int) *leg {
	l := s.room(sip, arrives, leaves, "meet@meet.example.com")
	l.ivr = l.joined
	l.joined += s.between(4, 30)
	l.left = max(l.left, l.joined+1)
	return l
}

// dialled is an endpoint that the meeting calls; some are asked to press a key first.
func (s *script) dialled(arrives, leaves int) *leg {
	l := s.stay(sip, s.outgoing(sip, s.pick(rooms), s.address()), arrives, leaves)
	l.knowsCall = true
	l.joined += s.between(2, 12)
	l.left = max(l.left, l.joined+1)
	if s.chance(0.3) {
		l.start.ConfirmationStatus, l.confirmation = "required", "confirmed"
	}
	return l
}

// lyncUser has a leg for sound and picture, now and then one for a shared screen, which has a new id each
// time, and one for messages. The group holds them together.
func (s *script) lyncUser(arrives, leaves int, called string) []*leg {
	name, address := s.pick(people), fmt.Sprintf("lync%d@example.com", s.between(100, 999))
	main := s.stay(lync, s.incoming(lync, name, address, called), arrives, leaves)
	legs := []*leg{main}
	beside := func(d device, began, left int) {
		l := &leg{
			device: d, start: s.incoming(d, name, address, called), began: began, ivr: never, joined: began, left: left,
			reason: wire.RemoteTeardown, remote: true,
		}
		l.start.GroupID = main.start.GroupID
		legs = append(legs, l)
	}
	for second := main.joined + 30; s.chance(0.4) && second < main.left-30; second += 60 {
		until := s.between(second+20, main.left-5)
		beside(lyncSharing, second, until)
		second = until
	}
	if s.chance(0.5) {
		beside(lyncMessaging, main.joined, main.left)
	}
	return legs
}
