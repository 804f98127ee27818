package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// snapshotQuestions has the questions of docs/operating.md that snapshots answer, each with
// a check of the answer while the call of openCall is open.
var snapshotQuestions = map[string]func(*testing.T, *loki, string){
	"Which calls are in progress, and how many people are in each?": func(t *testing.T, l *loki, query string) {
		require.Equal(t, map[string]int{"Ward 7": 2}, l.by(t, "cisco_cms_call_name", query))
	},
	"How long have they lasted?": func(t *testing.T, l *loki, query string) {
		seconds := l.by(t, "cisco_cms_call_name", query)
		require.Len(t, seconds, 1)
		require.InDelta(t, 150, seconds["Ward 7"], 30)
	},
	"Who is in them?": func(t *testing.T, l *loki, query string) {
		require.Contains(t, l.sortedLines(t, query), "Ward 7: Dr. Maren Holt (joined), guest@example.com (lobby),")
	},
	"Where is somebody now?":                          checkFindsSnapshot,
	"In which calls does somebody wait in the lobby?": checkFindsSnapshot,
}

// checkFindsSnapshot checks that the query finds the snapshot of the call that has the person, and
// that the same query for another person or another state finds none.
func checkFindsSnapshot(t *testing.T, l *loki, query string) {
	require.Contains(t, strings.Join(l.sortedLines(t, query), "\n"), `"displayName":"Dr. Maren Holt"`)
	query = strings.NewReplacer("Maren Holt", "Nobody Else", `"lobby"`, `"ivr"`).Replace(query)
	require.Empty(t, l.sortedLines(t, query))
}

// openCall returns a document of a call that began two minutes before now. One
// participant has joined; another one waits in the lobby.
func openCall(now time.Time) string {
	at := func(before time.Duration) string { return now.Add(-before).UTC().Format(time.RFC3339) }
	return fmt.Sprintf(`<records session="5e550000-0000-4000-8000-000000000001" callBridge="b71d9e00-0000-4000-8000-00000000000a">
<record type="callStart" time="%[1]s" correlatorIndex="0"><call id="ca110000-0000-4000-8000-000000000001"><name>Ward 7</name><callType>coSpace</callType></call></record>
<record type="callLegStart" time="%[1]s" correlatorIndex="1"><callLeg id="1e900000-0000-4000-8000-000000000001"><displayName>Dr. Maren Holt</displayName><type>sip</type><direction>incoming</direction><call>ca110000-0000-4000-8000-000000000001</call></callLeg></record>
<record type="callLegUpdate" time="%[1]s" correlatorIndex="2"><callLeg id="1e900000-0000-4000-8000-000000000001"><state>connected</state><deactivated>false</deactivated><call>ca110000-0000-4000-8000-000000000001</call></callLeg></record>
<record type="callLegStart" time="%[2]s" correlatorIndex="3"><callLeg id="1e900000-0000-4000-8000-000000000002"><remoteParty>guest@example.com</remoteParty><type>sip</type><direction>incoming</direction><call>ca110000-0000-4000-8000-000000000001</call></callLeg></record>
<record type="callLegUpdate" time="%[2]s" correlatorIndex="4"><callLeg id="1e900000-0000-4000-8000-000000000002"><state>connected</state><deactivated>true</deactivated><call>ca110000-0000-4000-8000-000000000001</call></callLeg></record>
</records>`, at(2*time.Minute), at(0))
}

// TestNow checks that queries to a real Loki return who is in a call while it is in progress.
func TestNow(t *testing.T) {
	l, address := startLoki(t), freeAddress(t)
	cdr := "http://" + address + "/cdr"
	startLogged(t, cdr, fmt.Sprintf(toLoki, address, l.url+"/otlp", t.TempDir()),
		"yaml:receivers::cms_cdr::snapshots::interval: 5s")
	answer, err := http.Post(cdr, "text/xml", strings.NewReader(openCall(time.Now())))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Eventually(t, func() bool {
		return len(l.lines(t, `| cisco_cms_event="snapshot"`)) > 0
	}, time.Minute, 200*time.Millisecond, "Loki has no snapshot")
	queries := questions(t, "logql")
	for title, check := range snapshotQuestions {
		t.Run(title, func(t *testing.T) {
			require.NotEmpty(t, queries[title])
			check(t, l, queries[title])
		})
	}
	t.Run("dashboard", func(t *testing.T) {
		all := dashboards(t)
		now := slices.IndexFunc(all, func(d dashboard) bool { return d.file == "now.json" })
		require.GreaterOrEqual(t, now, 0)
		answers := l.checkDashboard(t, all[now], 24*time.Second)
		require.Len(t, answers, 4)
		require.Contains(t, answers[3], "Ward 7: guest@example.com (lobby since ")
	})
}
