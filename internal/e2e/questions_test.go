package e2e

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

var question = regexp.MustCompile("(?ms)^\\*\\*([^*]+)\\*\\*[^`]*?\n\n```(logql|promql)\n(.*?)\n```$")

// questions returns those queries of docs/operating.md that are in the language, by their questions.
func questions(t *testing.T, language string) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/operating.md")
	require.NoError(t, err)
	require.Len(t, question.FindAllString(string(page), -1), strings.Count(string(page), "```logql")+strings.Count(string(page), "```promql"))
	queries := map[string]string{}
	for _, found := range question.FindAllStringSubmatch(string(page), -1) {
		if found[2] == language {
			queries[found[1]] = found[3]
		}
	}
	return queries
}

// playKnownMeetings plays 80 meetings and then the demonstration, on two Call Bridges, at full
// speed. The demonstration has the next seed. The simulated end of both is the current time.
// The demonstration is last, because Loki rejects records that are more than an hour older than
// the newest one, and the demonstration takes only twenty minutes.
func playKnownMeetings(t *testing.T, target string, seed uint64) *groundTruth {
	t.Helper()
	truth := newGroundTruth()
	for _, config := range []simulate.Config{{Bridges: 2, Meetings: 80, Seed: seed}, {Demo: true, Seed: seed + 1}} {
		config.Target, config.Client, config.GiveUp = target, &http.Client{Transport: truth}, time.Minute
		_, counts, err := simulate.Run(t.Context(), config)
		require.NoError(t, err)
		require.Zero(t, counts.Unacknowledged)
	}
	return truth
}

// TestQuestions checks that a real Loki returns what the Call Bridges reported for each LogQL
// query of docs/operating.md, except those about snapshots, which TestNow checks.
func TestQuestions(t *testing.T) {
	l, address := startLoki(t), freeAddress(t)
	cdr := "http://" + address + "/cdr"
	startLogged(t, cdr, fmt.Sprintf(toLoki, address, l.url+"/otlp", t.TempDir()))
	truth := playKnownMeetings(t, cdr, 21)
	checks := map[string]func(*testing.T, *loki, *groundTruth, string){
		"Where was a person in the last week?":  checkPersonMeetings,
		"How long was that in all?":             checkPersonMinutes,
		"Which meetings were there?":            checkMeetings,
		"Who was in a meeting?":                 checkMembers,
		"How many minutes did each tenant use?": checkTenants,
		"How many minutes did each cdrTag use?": checkTags,
		"Whose connections fail?":               checkFaults,
	}
	t.Run("dashboard", func(t *testing.T) { checkMeetingList(t, l, truth) })
	queries := questions(t, "logql")
	require.Len(t, queries, len(checks)+len(snapshotQuestions))
	for title, check := range checks {
		t.Run(title, func(t *testing.T) { check(t, l, truth, queries[title]) })
	}
}

// pagePerson, pageMeeting and pageTrace are values in the queries of docs/operating.md. The
// demonstration has the person and the meeting. busyPerson was in several meetings.
const (
	pagePerson, busyPerson = "Dr. Maren Holt", "Maren Holt"
	pageMeeting            = "Weekly ward round"
	pageTrace              = "4705c7d481ee4b5887c925ef172a8022"
)

// replaced replaces the single occurrence of a text in a query.
func replaced(t *testing.T, query, old, replacement string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(query, old), query)
	return strings.Replace(query, old, replacement, 1)
}

// sortedLines returns the lines of an answer about the last week in sorted order.
func (l *loki) sortedLines(t *testing.T, query string) (lines []string) {
	t.Helper()
	for _, line := range l.linesSince(t, 7*24*time.Hour, query) {
		lines = append(lines, line.body)
	}
	slices.Sort(lines)
	return lines
}

func checkPersonMeetings(t *testing.T, l *loki, truth *groundTruth, query string) {
	for name, minimum := range map[string]int{pagePerson: 1, busyPerson: 2} {
		var want []string
		for _, leg := range truth.legs {
			if leg.DisplayName == name {
				want = append(want, fmt.Sprintf("%s, from %s, %d min, %s", truth.callOf(leg).Name, leg.start().Local().Format("2006-01-02 15:04"), leg.Seconds/60, leg.Reason))
			}
		}
		slices.Sort(want)
		require.GreaterOrEqual(t, len(want), minimum)
		require.Equal(t, want, l.sortedLines(t, replaced(t, query, pagePerson, name)))
	}
}

func checkPersonMinutes(t *testing.T, l *loki, truth *groundTruth, query string) {
	for _, name := range []string{pagePerson, busyPerson} {
		want := truth.sum(func(leg *reportedLeg) bool { return leg.DisplayName == name }, func(*reportedLeg) string { return "" }, (*reportedLeg).seconds)
		require.Greater(t, want[""], 600)
		require.Equal(t, minutes(want), l.by(t, "", replaced(t, query, pagePerson, name)))
	}
}

// minutes converts seconds to whole minutes.
func minutes(seconds map[string]int) map[string]int {
	out := map[string]int{}
	for key, n := range seconds {
		out[key] = n / 60
	}
	return out
}

func checkMeetings(t *testing.T, l *loki, truth *groundTruth, query string) {
	trace := truth.trace(t, l, query)
	var want []string
	for _, call := range truth.calls {
		if call.Name == pageMeeting {
			want = append(want, fmt.Sprintf("%s, from %s, %d min, %d legs, trace %s", call.Name, call.start().Local().Format("2006-01-02 15:04"), call.Seconds/60, call.Legs, trace))
		}
	}
	slices.Sort(want)
	require.Len(t, want, 2)
	require.Equal(t, want, l.sortedLines(t, query))
}

// checkMeetingList checks that the list of meetings in the dashboard has all calls of each
// meeting. Grafana groups the lines into rows by trace id.
func checkMeetingList(t *testing.T, l *loki, truth *groundTruth) {
	rows := map[string][]line{}
	lines := l.linesSince(t, 7*24*time.Hour, queryOf(t, "meeting.json", "Meetings that ended", "A"))
	for _, line := range lines {
		rows[line.labels["trace_id"]] = append(rows[line.labels["trace_id"]], line)
	}
	require.Len(t, lines, len(truth.calls))
	require.Len(t, rows, 81, "80 meetings and the demonstration")
	otherCalls := 0 // calls of meetings on several Call Bridges, without the first call of each meeting
	for trace, row := range rows {
		bridges := map[string]bool{}
		for _, line := range row {
			call := truth.calls[line.labels["cisco_cms_call_id"]]
			require.NotNil(t, call, trace)
			began, err := time.Parse(time.RFC3339, line.labels["began"])
			require.NoError(t, err)
			require.True(t, call.start().Equal(began), "trace %s began %s", trace, began)
			require.Equal(t, strconv.Itoa(call.Legs), line.labels["legs"])
			require.Equal(t, call.Name, line.labels["cisco_cms_call_name"])
			bridges[line.labels["service_instance_id"]] = true
		}
		require.Len(t, bridges, len(row), "the calls of a meeting must be on different Call Bridges")
		otherCalls += len(row) - 1
	}
	require.Positive(t, otherCalls)
}

// trace returns the trace id that the query for meetings shows at the end of a line. It is
// the id of a call of the meeting, without dashes.
func (o *groundTruth) trace(t *testing.T, l *loki, query string) string {
	t.Helper()
	lines := l.sortedLines(t, query)
	require.NotEmpty(t, lines)
	_, trace, _ := strings.Cut(lines[0], ", trace ")
	for id, call := range o.calls {
		if call.Name == pageMeeting && strings.ReplaceAll(id, "-", "") == trace {
			return trace
		}
	}
	t.Fatalf("%q is not the id of a call of the meeting", trace)
	return ""
}

func checkMembers(t *testing.T, l *loki, truth *groundTruth, query string) {
	trace := truth.trace(t, l, questions(t, "logql")["Which meetings were there?"])
	var want []string
	alarms := 0
	for _, leg := range truth.legs {
		if truth.callOf(leg).Name == pageMeeting {
			alarms += len(leg.Alarms)
			want = append(want, fmt.Sprintf("%s <%s>, from %s, %d min", leg.DisplayName, leg.RemoteParty, leg.start().Local().Format("15:04"), leg.Seconds/60))
		}
	}
	slices.Sort(want)
	require.Greater(t, len(want), 5)
	require.Positive(t, alarms)
	var lines []string
	for _, line := range l.sortedLines(t, replaced(t, query, pageTrace, trace)) {
		participant, rest, _ := strings.Cut(line, " min ")
		alarms -= strings.Count(rest, `"type"`)
		lines = append(lines, participant+" min")
	}
	slices.Sort(lines)
	require.Equal(t, want, lines)
	require.Zero(t, alarms, "the lines have all alarms")
}

func checkTenants(t *testing.T, l *loki, truth *groundTruth, query string) {
	want := minutes(truth.sum((*reportedLeg).isParticipant, truth.tenant, (*reportedLeg).seconds))
	require.Len(t, want, 3, "two tenants, and calls without one")
	require.Equal(t, want, l.by(t, "cisco_cms_tenant_id", query))
}

func checkTags(t *testing.T, l *loki, truth *groundTruth, query string) {
	want := minutes(truth.sum((*reportedLeg).isParticipant, truth.tag, (*reportedLeg).seconds))
	require.Len(t, want, 4, "three tags, and calls without one")
	require.Equal(t, want, l.by(t, "cisco_cms_call_cdr_tag", query))
}

func checkFaults(t *testing.T, l *loki, truth *groundTruth, query string) {
	failed := func(leg *reportedLeg) bool { return expect.Outcome(leg.Reason) == "failed" }
	want := truth.sum(failed, func(leg *reportedLeg) string { return leg.RemoteParty }, countOne)
	require.Greater(t, len(want), 3)
	series := truth.sum(failed, func(leg *reportedLeg) string { return leg.RemoteParty + " " + leg.Reason }, countOne)
	require.Less(t, len(series), 20, "the query returns at most 20 series")
	// The query has a series for each reason of an address.
	require.Equal(t, want, l.by(t, "cisco_cms_call_leg_remote_party", "sum by (cisco_cms_call_leg_remote_party) ("+query+")"))
}
