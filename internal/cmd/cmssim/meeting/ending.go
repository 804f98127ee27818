package meeting

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

var (
	// meetingEndReasons are the reasons of the legs that are in a meeting when it ends, one for all of them. In most
	// meetings the participants hang up instead.
	meetingEndReasons = []string{
		wire.CallEnded, wire.CallDeactivated, wire.ClientInitiatedTeardown, wire.APIInitiatedTeardown,
	}
	// ivrReasons are the reasons of legs that do not get past the IVR, the most frequent first.
	ivrReasons = []string{
		wire.IVRTimeout, wire.IncorrectPasscode, wire.IVRUnknownCall, wire.ParticipantLimitReached,
		wire.TenantParticipantLimitReached,
	}
	// unansweredReasons are the reasons of outgoing legs that do not join, the most frequent first.
	unansweredReasons = []string{
		wire.RingingTimeout, wire.RemoteBusy, wire.RemoteRejected, wire.ConfirmationTimeOut, wire.DNSFailure, wire.Timeout,
	}
)

// setEndReason chooses why a leg ends, whether the remote side ends it, and whether its end record is short. Most
// participants hang up.
func (s *script) setEndReason(l *leg) {
	switch p := s.rng.Float64(); {
	case p < 0.012:
		l.reason, l.remoteTeardown = wire.Timeout, false
	case p < 0.024:
		l.reason, l.remoteTeardown = wire.Error, true
	case p < 0.10:
		l.reason, l.remoteTeardown = wire.LocalTeardown, false
	case p < 0.12:
		l.reason, l.remoteTeardown = wire.ClientInitiatedTeardown, false
	default:
		l.reason, l.remoteTeardown = wire.RemoteTeardown, true
	}
	l.shortEnd = s.chance(0.01)
}

// stuckInIVR returns a leg that does not get past the IVR.
func (s *script) stuckInIVR(start int) *leg {
	l := &leg{
		device: sip, start: s.incoming(sip, s.pick(rooms), s.address(), "meet@meet.example.com"),
		startsAt: start, ivrAt: start + s.between(0, 1), joinsAt: never, reason: s.pickWeighted(ivrReasons),
	}
	l.leavesAt = l.ivrAt + s.between(5, 60)
	return l
}

// unencrypted returns a leg that is rejected because it does not encrypt.
func (s *script) unencrypted(start int, meetingAddress string) *leg {
	return &leg{
		device: sip, start: s.incoming(sip, s.pick(rooms), s.address(), meetingAddress),
		startsAt: start, ivrAt: never, joinsAt: never, leavesAt: start + s.between(0, 1), reason: wire.EncryptionRequired, shortEnd: true,
	}
}

// unanswered returns an outgoing leg that does not join.
func (s *script) unanswered(start int) *leg {
	l := &leg{
		device: sip, start: s.outgoing(sip, "", s.address()), namesCall: true,
		startsAt: start, ivrAt: never, joinsAt: never, reason: s.pickWeighted(unansweredReasons), shortEnd: s.chance(0.5),
	}
	l.leavesAt = start + s.between(2, 45)
	switch l.reason {
	case wire.ConfirmationTimeOut:
		l.start.ConfirmationStatus, l.confirmation, l.leavesAt = "required", "required", start+s.between(62, 75)
	case wire.RemoteRejected:
		l.remoteTeardown = true
		if s.chance(0.4) {
			l.start.ConfirmationStatus, l.confirmation = "required", "rejected"
		}
	case wire.DNSFailure:
		l.leavesAt = start
	case wire.RemoteBusy:
		l.remoteTeardown = true
	}
	return l
}
