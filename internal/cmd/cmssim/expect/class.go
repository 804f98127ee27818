package expect

import (
	"cmp"
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

const (
	absent       = "-"       // stands for a value that the acknowledged records lack
	unknownClass = "-/-/-/-" // the class of a leg whose callLegStart is missing
)

// class returns the class of a leg: its direction, type, subType and role.
func class(l wire.CallLegStart) string {
	return strings.Join([]string{
		cmp.Or(l.Direction, absent), cmp.Or(l.LegType, absent), cmp.Or(l.SubType, absent), role(l),
	}, "/")
}

func role(l wire.CallLegStart) string {
	switch {
	case l.Recording == wire.True:
		return "recorder"
	case l.Streaming == wire.True:
		return "streamer"
	case l.SubType == "distributionLink", l.SubType == "lyncdistribution":
		return "distribution"
	case l.LyncSubType == "applicationSharing":
		return "sharing"
	case l.LyncSubType == "instantMessaging":
		return "messaging"
	default:
		return "participant"
	}
}

// Outcome returns the outcome of a leg that ended with a reason: completed, not_joined or failed, or unknown for
// a reason that is not in package wire.
func Outcome(reason string) string {
	switch reason {
	case wire.APIInitiatedTeardown, wire.CallDeactivated, wire.CallEnded, wire.CallMoved,
		wire.ClientInitiatedTeardown, wire.LocalTeardown, wire.RemoteTeardown:
		return "completed"
	case wire.RemoteBusy, wire.RemoteRejected, wire.RingingTimeout, wire.ConfirmationTimeOut,
		wire.IncorrectPasscode, wire.IVRTimeout, wire.IVRUnknownCall, wire.ParticipantLimitReached,
		wire.TenantParticipantLimitReached, wire.UnknownDestination:
		return "not_joined"
	case wire.DNSFailure, wire.EncryptionRequired, wire.Error, wire.Timeout:
		return "failed"
	default:
		return "unknown"
	}
}
