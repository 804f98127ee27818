package expect

import (
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// untold stands for what no record told.
const untold = "-"

// unknownClass is a leg whose callLegStart is missing.
const unknownClass = "-/-/-/-"

// Class is the class in which a leg is counted.
func Class(l wire.CallLegStart) string {
	return strings.Join([]string{told(l.Direction), told(l.LegType), told(l.SubType), role(l)}, "/")
}

func told(s string) string {
	if s == "" {
		return untold
	}
	return s
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

// Outcome sorts the reasons of callLegEnd: completed, not_joined, failed, or unknown for any other.
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
