package meeting

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

var (
	// overForAll are the ways in which a meeting ends for whoever is still in it.
	overForAll = []string{
		wire.CallEnded, wire.CallDeactivated, wire.ClientInitiatedTeardown, wire.APIInitiatedTeardown,
	}
	// outOfTheIVR are the ways not to come further than the menu.
	outOfTheIVR = []string{
		wire.IVRTimeout, wire.IncorrectPasscode, wire.IVRUnknownCall, wire.ParticipantLimitReached,
		wire.TenantParticipantLimitReached,
	}
	// notReached are the ways in which a call to somebody comes to nothing.
	notReached = []string{
		wire.RingingTimeout, wire.RemoteBusy, wire.RemoteRejected, wire.ConfirmationTimeOut, wire.DNSFailure, wire.Timeout,
	}
)

// leave settles how somebody's stay ends: nearly always they hang up.
func (s *script) leave(l *leg) {
	switch p := s.rng.Float64(); {
	case p < 0.012:
		l.reason, l.remote = wire.Timeout, false
	case p < 0.024:
		l.reason, l.remote = wire.Error, true
	case p < 0.10:
		l.reason, l.remote = wire.LocalTeardown, false
	case p < 0.12:
		l.reason, l.remote = wire.ClientInitiatedTeardown, false
	default:
		l.reason, l.remote = wire.RemoteTeardown, true
	}
	l.bare = s.chance(0.01)
}

// stuckInIVR is a visitor who does not find the way into a meeting.
func (s *script) stuckInIVR(began int) *leg {
	l := &leg{
		device: sip, start: s.incoming(sip, s.pick(rooms), s.address(), "meet@meet.example.com"),
		began: began, ivr: began + s.between(0, 1), joined: never, reason: s.favour(outOfTheIVR),
	}
	l.left = l.ivr + s.between(5, 60)
	return l
}

// turnedAway is an endpoint that would not encrypt where that is required.
func (s *script) turnedAway(began int, called string) *leg {
	return &leg{
		device: sip, start: s.incoming(sip, s.pick(rooms), s.address(), called),
		began: began, ivr: never, joined: never, left: began + s.between(0, 1), reason: wire.EncryptionRequired, bare: true,
	}
}

// unanswered is somebody whom the meeting called, and did not get.
func (s *script) unanswered(began int) *leg {
	l := &leg{
		device: sip, start: s.outgoing(sip, "", s.address()), knowsCall: true,
		began: began, ivr: never, joined: never, reason: s.favour(notReached), bare: s.chance(0.5),
	}
	l.left = began + s.between(2, 45)
	switch l.reason {
	case wire.ConfirmationTimeOut:
		l.start.ConfirmationStatus, l.confirmation, l.left = "required", "required", began+s.between(62, 75)
	case wire.RemoteRejected:
		l.remote = true
		if s.chance(0.4) {
			l.start.ConfirmationStatus, l.confirmation = "required", "rejected"
		}
	case wire.DNSFailure:
		l.left = began
	case wire.RemoteBusy:
		l.remote = true
	}
	return l
}
