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

// RoleParticipant is the role of the legs of people and rooms.
const RoleParticipant = "participant"

// Role returns recorder, streamer, distribution (a link between Call Bridges, or the
// subtype lyncdistribution, which the guide does not define), sharing, messaging or
// participant.
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

// reasonsByOutcome holds the reasons of callLegEnd in the guide (chapter 5): normal
// ends, legs that did not join although nothing failed, and failures.
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

// endingsByReason holds the ending for each reason in the guide, in its spelling and in
// lower case.
var endingsByReason = func() map[string]Ending {
	endings := map[string]Ending{}
	for outcome, reasons := range reasonsByOutcome {
		for _, reason := range reasons {
			ending := Ending{Reason: reason, Outcome: outcome}
			endings[reason], endings[strings.ToLower(reason)] = ending, ending
		}
	}
	return endings
}()

// Ending is the way in which a leg ended.
type Ending struct {
	// Reason is the reason as the guide spells it, or empty if the guide does not list it.
	// It is a constant, so it does not keep a document in memory.
	Reason string
	// Outcome is one of the outcomes above.
	Outcome string
}

// EndingOf returns the ending for the reason of a callLegEnd record. It ignores case.
func EndingOf(reason string) Ending {
	ending, listed := endingsByReason[reason]
	if !listed {
		ending, listed = endingsByReason[strings.ToLower(reason)]
	}
	if !listed {
		return Ending{Outcome: OutcomeUnknown}
	}
	return ending
}
