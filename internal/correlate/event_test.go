package correlate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEventsAreBounded checks the limits on the number and the texts of events. After
// one event is dropped, all later ones are.
func TestEventsAreBounded(t *testing.T) {
	var short Leg
	for range maxEvents + 10 {
		short.addEvent(Event{Kind: EventLobby})
	}
	require.Len(t, short.Events, maxEvents)
	require.EqualValues(t, 10, short.DroppedEvents)

	var long Leg
	held := long.Events
	for i := range 100 {
		text := fmt.Sprint(i, strings.Repeat("x", maxText-2))
		long.addEvent(Event{Kind: EventUpdated, Changes: []Change{{Attribute: "a", Text: text}}})
		if i == 0 {
			held = long.Events
		}
	}
	long.addEvent(Event{Kind: EventJoined, Call: "c"})
	require.Len(t, held, 1, "what a session may hold was changed in place")
	texts := 0
	for i := range long.Events {
		texts += long.Events[i].textSize()
	}
	require.LessOrEqual(t, texts, maxEventTextBytes)
	require.Greater(t, texts, maxEventTextBytes-2*maxText)
	require.EqualValues(t, 101-len(long.Events), long.DroppedEvents)
	require.Equal(t, EventUpdated, long.Events[len(long.Events)-1].Kind, "a short one after a dropped one hides the gap")
}
