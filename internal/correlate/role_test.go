package correlate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestRolesAndOutcomes checks the roles in their order of precedence, and the
// outcomes by the guide's groups.
func TestRolesAndOutcomes(t *testing.T) {
	yes := cdr.Optional[bool]{Value: true, Present: true}
	for want, leg := range map[string]cdr.CallLeg{
		"recorder":     {Recording: yes, Streaming: yes},
		"streamer":     {Streaming: yes, SubType: "distributionLink"},
		"distribution": {SubType: "distributionLink", LyncSubType: "applicationSharing"},
		"sharing":      {SubType: "lync", LyncSubType: "applicationSharing"},
		"messaging":    {SubType: "lync", LyncSubType: "InstantMessaging"},
		"participant":  {SubType: "lync", LyncSubType: "audioVideo"},
	} {
		require.Equal(t, want, Role(&leg))
	}
	countByOutcome := map[string]int{}
	for reason, ending := range endingsByReason {
		require.Equal(t, ending, EndingOf(reason))
		require.Equal(t, reason, ending.Reason)
		countByOutcome[ending.Outcome]++
	}
	require.Equal(t, map[string]int{OutcomeCompleted: 7, OutcomeNotJoined: 10, OutcomeFailed: 4}, countByOutcome)
	require.Equal(t, Ending{Outcome: OutcomeUnknown}, EndingOf("unknown reason"))
}
