package correlate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEventsAreLimited checks the limits on the number and the texts of events. After
// one event is dropped, all later ones are.
func TestEventsAreLimited(t *testing.T) {
	var withShortEvents Leg
	for range maxEvents + 10 {
		withShortEvents.addEvent(Event{Kind: EventLobby})
	}
	require.Len(t, withShortEvents.Events, maxEvents)
	require.EqualValues(t, 10, withShortEvents.DroppedEvents)

	var leg Leg
	var first []Event
	for i := range 100 {
		text := fmt.Sprint(i, strings.Repeat("x", maxText-2))
		leg.addEvent(Event{Kind: EventUpdated, Changes: []Change{{Attribute: "a", Text: text}}})
		if i == 0 {
			first = leg.Events
		}
	}
	leg.addEvent(Event{Kind: EventJoined, Call: "c"})
	require.Len(t, first, 1, "a slice that a session may hold was changed in place")
	textBytes := 0
	for i := range leg.Events {
		textBytes += leg.Events[i].textSize()
	}
	require.LessOrEqual(t, textBytes, maxEventTextBytes)
	require.Greater(t, textBytes, maxEventTextBytes-2*maxText)
	require.EqualValues(t, 101-len(leg.Events), leg.DroppedEvents)
	require.Equal(t, EventUpdated, leg.Events[len(leg.Events)-1].Kind, "an event after a dropped one was added")
}
