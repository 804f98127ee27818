package correlate

import (
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Roles are all that a leg can have.
var Roles = []string{"participant", "recorder", "streamer", "distribution", "sharing", "messaging"}

// RoleOf is the leg's role; empty until its start record was heard, which alone
// tells a participant from the rest.
func RoleOf(leg *Leg) string {
	if leg.Start == 0 {
		return ""
	}
	return Role(&leg.CallLeg)
}

// RoleParticipant is the role of people and rooms.
const RoleParticipant = "participant"

// Role tells participants from what else is a leg: recorder, streamer,
// distribution (a link between Call Bridges), sharing, messaging or participant.
func Role(leg *cdr.CallLeg) string {
	switch {
	case leg.Recording.Value:
		return "recorder"
	case leg.Streaming.Value:
		return "streamer"
	case strings.EqualFold(leg.SubType, "distributionLink"), strings.EqualFold(leg.SubType, "lyncdistribution"):
		return "distribution"
	case strings.EqualFold(leg.LyncSubType, "applicationSharing"):
		return "sharing"
	case strings.EqualFold(leg.LyncSubType, "instantMessaging"):
		return "messaging"
	default:
		return RoleParticipant
	}
}

// The outcomes of a leg.
const (
	OutcomeCompleted = "completed"
	OutcomeNotJoined = "not_joined"
	OutcomeFailed    = "failed"
	OutcomeUnknown   = "unknown"
)

// reasons of callLegEnd that the guide lists (chapter 3), in its three groups:
// ordinary ends, not joined though nothing broke, faults.
var reasonsByOutcome = map[string][]string{
	OutcomeCompleted: {
		"apiInitiatedTeardown", "callDeactivated", "callEnded", "callMoved", "clientInitiatedTeardown",
		"localTeardown", "remoteTeardown",
	},
	OutcomeNotJoined: {
		"remoteBusy", "remoteRejected", "ringingTimeout", "confirmationTimeOut", "incorrectPasscode", "ivrTimeout",
		"ivrUnknownCall", "participantLimitReached", "tenantParticipantLimitReached", "unknownDestination",
	},
	OutcomeFailed: {"dnsFailure", "encryptionRequired", "error", "timeout"},
}

// endings are the listed reasons and their outcomes, by reason.
var endingsByReason = func() map[string]Ending {
	all := map[string]Ending{}
	for outcome, group := range reasonsByOutcome {
		for _, reason := range group {
			all[reason] = Ending{Reason: reason, Outcome: outcome}
		}
	}
	return all
}()

// Ending is how a leg ended.
type Ending struct {
	// Reason is one that the guide lists, else empty. It is no part of a
	// document, so it may be kept.
	Reason string
	// Outcome is the group that the reason belongs to.
	Outcome string
}

// EndingOf is what a leg's reason to end says.
func EndingOf(reason string) Ending {
	if ending, ok := endingsByReason[reason]; ok {
		return ending
	}
	return Ending{Outcome: OutcomeUnknown}
}
