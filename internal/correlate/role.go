package correlate

import (
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// Roles lists the roles of a leg.
var Roles = []string{"participant", "recorder", "streamer", "distribution", "sharing", "messaging"}

// RoleOf returns the leg's role; empty until its start record arrived, because only
// that distinguishes participants from other legs.
func RoleOf(leg *Leg) string {
	if leg.Start == 0 {
		return ""
	}
	return Role(&leg.CallLeg)
}

// RoleParticipant is the role of people and rooms.
const RoleParticipant = "participant"

// Role returns recorder, streamer, distribution (a link between Call Bridges),
// sharing, messaging or participant.
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

// reasonsByOutcome has the reasons of callLegEnd in the guide (chapter 3) in three
// groups: normal ends, legs that did not join although nothing failed, and failures.
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

// endingsByReason has the endings of the reasons in the guide.
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
	// Reason is one of the guide's, else empty. It is a constant, so it does not keep
	// a document in memory.
	Reason string
	// Outcome is the group of the reason.
	Outcome string
}

// EndingOf returns the ending for a leg's reason.
func EndingOf(reason string) Ending {
	if ending, ok := endingsByReason[reason]; ok {
		return ending
	}
	return Ending{Outcome: OutcomeUnknown}
}
