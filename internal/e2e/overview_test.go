package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// openMeetingDocuments returns the documents of two Call Bridges about a shared meeting
// that is in progress.
func openMeetingDocuments(now time.Time) (documents []string) {
	for _, bridge := range []string{"a", "b"} {
		documents = append(documents, fmt.Sprintf(`<records session="5e550000-0000-4000-8000-00000000000%[1]s" callBridge="b71d9e00-0000-4000-8000-00000000000%[1]s">
<record type="callStart" time="%[2]s" correlatorIndex="0"><call id="ca110000-0000-4000-8000-00000000000%[1]s"><name>Ward 7</name><callType>coSpace</callType>
<coSpace>c05bace0-0000-4000-8000-000000000001</coSpace><callCorrelator>c0440000-0000-4000-8000-000000000001</callCorrelator></call></record>
<record type="callLegStart" time="%[2]s" correlatorIndex="1"><callLeg id="1e900000-0000-4000-8000-00000000000%[1]s"><type>sip</type><direction>incoming</direction>
<call>ca110000-0000-4000-8000-00000000000%[1]s</call></callLeg></record></records>`, bridge, now.UTC().Format(time.RFC3339)))
	}
	return documents
}

// TestOverview checks that the dashboard overview.json counts a meeting on several Call
// Bridges once, and lists the Call Bridges with their open calls and legs.
func TestOverview(t *testing.T) {
	p, cdr, _ := startCharging(t)
	panelQuery := func(title, refID string) string { return queryOf(t, "overview.json", title, refID) }
	// A scrape during the simulation can have all starts while the last calls are open.
	ended := func(meetings float64) func() bool {
		return func() bool {
			return p.number(`sum(cisco_cms_meeting_starts_total)`) == meetings &&
				p.number(panelQuery("Calls now", "A")) == 0
		}
	}
	playKnownMeetings(t, cdr, 21) // 80 meetings and the demonstration
	p.eventually("each meeting is counted and has ended", ended(81))
	// Prometheus does not see the first value of a series as an increase. The increases are
	// those of a second simulation, and of what the first one adds after its first scrape.
	truth := playKnownMeetings(t, cdr, 23)
	p.eventually("each meeting is counted and has ended", ended(162))
	// In one query Prometheus extrapolates both increases by almost the same factor.
	meetingsPerCall := p.number(fmt.Sprintf(`vector(scalar(%s) / scalar(sum(%s)))`,
		panelQuery("Meetings that began in an hour", "A"), panelQuery("Calls that began in an hour", "A")))
	require.Greater(t, len(truth.calls), 90, "some meetings must be on both Call Bridges")
	require.InEpsilon(t, 81/float64(len(truth.calls)), meetingsPerCall, 0.02)
	// The panel "Call Bridges" has four queries: A returns the times of the last records, B the
	// open calls, C the open legs, and D the system ids.
	require.EqualValues(t, 2, p.number(panelQuery("Active Call Bridges", "A")))
	require.Equal(t, map[string]int{"cms1": 1, "cms2": 1}, p.by("cisco_cms_system_id", panelQuery("Call Bridges", "D")))

	for _, document := range openMeetingDocuments(time.Now()) {
		answer, err := http.Post(cdr, "text/xml", strings.NewReader(document))
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
	}
	p.eventually("both calls are open", func() bool { return p.number(panelQuery("Calls now", "A")) == 2 })
	require.EqualValues(t, 1, p.number(panelQuery("Meetings now", "A")))
	open := map[string]int{"b71d9e00-0000-4000-8000-00000000000a": 1, "b71d9e00-0000-4000-8000-00000000000b": 1}
	require.Equal(t, open, p.by("instance", panelQuery("Call Bridges", "B")))
	require.Equal(t, open, p.by("instance", panelQuery("Call Bridges", "C")))
	// Query A takes the last time at which the two minutes before it have an increase, and
	// subtracts two minutes. That time is now, because the records are less than two minutes old.
	last := p.by("instance", panelQuery("Call Bridges", "A"))
	require.GreaterOrEqual(t, len(last), 2)
	for bridge, at := range last {
		require.InDelta(t, time.Now().Add(-2*time.Minute).UnixMilli(), at, float64(time.Minute.Milliseconds()), bridge)
	}
}
