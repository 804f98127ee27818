package correlate

import (
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Role tells participants from what else is a leg: recorder, streamer,
// distribution (a link between Call Bridges), sharing, messaging or participant.
func Role(leg *cdr.CallLeg) string {
	switch {
	case leg.Recording.Value:
		return "recorder"
	case leg.Streaming.Value:
		return "streamer"
	case strings.EqualFold(leg.SubType, "distributionLink"):
		return "distribution"
	case strings.EqualFold(leg.LyncSubType, "applicationSharing"):
		return "sharing"
	case strings.EqualFold(leg.LyncSubType, "instantMessaging"):
		return "messaging"
	default:
		return "participant"
	}
}

// The outcomes of a leg.
const (
	OutcomeCompleted = "completed"
	OutcomeNotJoined = "not_joined"
	OutcomeFailed    = "failed"
	OutcomeUnknown   = "unknown"
)

// outcomes are the reasons of callLegEnd that the guide lists (chapter 3), in
// its three groups: ordinary ends, not joined though nothing broke, faults.
var outcomes = map[string]string{
	"apiInitiatedTeardown":    OutcomeCompleted,
	"callDeactivated":         OutcomeCompleted,
	"callEnded":               OutcomeCompleted,
	"callMoved":               OutcomeCompleted,
	"clientInitiatedTeardown": OutcomeCompleted,
	"localTeardown":           OutcomeCompleted,
	"remoteTeardown":          OutcomeCompleted,

	"remoteBusy":                    OutcomeNotJoined,
	"remoteRejected":                OutcomeNotJoined,
	"ringingTimeout":                OutcomeNotJoined,
	"confirmationTimeOut":           OutcomeNotJoined,
	"incorrectPasscode":             OutcomeNotJoined,
	"ivrTimeout":                    OutcomeNotJoined,
	"ivrUnknownCall":                OutcomeNotJoined,
	"participantLimitReached":       OutcomeNotJoined,
	"tenantParticipantLimitReached": OutcomeNotJoined,
	"unknownDestination":            OutcomeNotJoined,

	"dnsFailure":         OutcomeFailed,
	"encryptionRequired": OutcomeFailed,
	"error":              OutcomeFailed,
	"timeout":            OutcomeFailed,
}

// Outcome is the group that a leg's reason to end belongs to.
func Outcome(reason string) string {
	if outcome, ok := outcomes[reason]; ok {
		return outcome
	}
	return OutcomeUnknown
}

// KnownReason reports whether the guide lists the reason.
func KnownReason(reason string) bool {
	_, ok := outcomes[reason]
	return ok
}
