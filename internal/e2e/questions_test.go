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

// questions returns the queries of docs/operating.md in a language by their
// questions.
func questions(t *testing.T, language string) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/operating.md")
	require.NoError(t, err)
	require.Len(t, question.FindAllString(string(page), -1), strings.Count(string(page), "```logql")+strings.Count(string(page), "```promql"))
	asked := map[string]string{}
	for _, found := range question.FindAllStringSubmatch(string(page), -1) {
		if found[2] == language {
			asked[found[1]] = found[3]
		}
	}
	return asked
}

// playKnownMeetings plays an hour of meetings and then the demonstration, on two Call
// Bridges, at full speed. The demonstration is last and shorter, because Loki accepts
// nothing that is an hour older than the newest record. The seed and the next one are
// used.
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

// TestQuestions checks that each query of the page gets from a real Loki what the
// Call Bridges reported.
func TestQuestions(t *testing.T) {
	l, address := startLoki(t), freeAddress(t)
	cdr := "http://" + address + "/cdr"
	startLoud(t, cdr, fmt.Sprintf(toLoki, address, l.url+"/otlp", t.TempDir()))
	truth := playKnownMeetings(t, cdr, 21)
	checks := map[string]func(*testing.T, *loki, *groundTruth, string){
		"Where was a person in the last week?":  checkWhere,
		"How long was that in all?":             checkHowLong,
		"Which meetings were there?":            checkMeetings,
		"Who was in a meeting?":                 checkMembers,
		"How many minutes did each tenant use?": checkTenants,
		"How many minutes did each cdrTag use?": checkTags,
		"Who has faults?":                       checkFaults,
	}
	t.Run("dashboard", func(t *testing.T) { checkMeetingList(t, l, truth) })
	asked := questions(t, "logql")
	require.Len(t, asked, len(checks)+len(nowAsks))
	for title, check := range checks {
		t.Run(title, func(t *testing.T) { check(t, l, truth, asked[title]) })
	}
}

// inPage is who and what the page asks for: the demonstration has both. inMany is
// somebody who was in many meetings.
const (
	inPage, inMany = "Dr. Maren Holt", "Maren Holt"
	meetingInPage  = "Weekly ward round"
	traceInPage    = "4705c7d481ee4b5887c925ef172a8022"
)

func replaced(t *testing.T, query, old, by string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(query, old), query)
	return strings.Replace(query, old, by, 1)
}

// shown returns the sorted lines of an answer about the last week.
func (l *loki) shown(t *testing.T, query string) (lines []string) {
	t.Helper()
	for _, line := range l.linesSince(t, 7*24*time.Hour, query) {
		lines = append(lines, line.body)
	}
	slices.Sort(lines)
	return lines
}

func checkWhere(t *testing.T, l *loki, truth *groundTruth, query string) {
	for name, least := range map[string]int{inPage: 1, inMany: 2} {
		var want []string
		for _, leg := range truth.legs {
			if leg.DisplayName == name {
				want = append(want, fmt.Sprintf("%s, from %s, %d min, %s", truth.callOf(leg).Name, leg.start().Local().Format("2006-01-02 15:04"), leg.Seconds/60, leg.Reason))
			}
		}
		slices.Sort(want)
		require.GreaterOrEqual(t, len(want), least)
		require.Equal(t, want, l.shown(t, replaced(t, query, inPage, name)))
	}
}

func checkHowLong(t *testing.T, l *loki, truth *groundTruth, query string) {
	for _, name := range []string{inPage, inMany} {
		want := truth.sum(func(leg *reportedLeg) bool { return leg.DisplayName == name }, func(*reportedLeg) string { return "" }, (*reportedLeg).seconds)
		require.Greater(t, want[""], 600)
		require.Equal(t, minutes(want), l.by(t, "", replaced(t, query, inPage, name)))
	}
}

// minutes converts to whole minutes, as by does.
func minutes(seconds map[string]int) map[string]int {
	in := map[string]int{}
	for key, n := range seconds {
		in[key] = n / 60
	}
	return in
}

func checkMeetings(t *testing.T, l *loki, truth *groundTruth, query string) {
	trace := truth.trace(t, l, query)
	var want []string
	for _, call := range truth.calls {
		if call.Name == meetingInPage {
			want = append(want, fmt.Sprintf("%s, from %s, %d min, %d legs, trace %s", call.Name, call.start().Local().Format("2006-01-02 15:04"), call.Seconds/60, call.Legs, trace))
		}
	}
	slices.Sort(want)
	require.Len(t, want, 2)
	require.Equal(t, want, l.shown(t, query))
}

// checkMeetingList checks that the list of meetings has a row for each meeting, with
// all its calls. Grafana groups the lines by trace id.
func checkMeetingList(t *testing.T, l *loki, truth *groundTruth) {
	rows := map[string][]line{}
	lines := l.linesSince(t, 7*24*time.Hour, queryOf(t, "meeting.json", "Meetings that ended", "A"))
	for _, line := range lines {
		rows[line.labels["trace_id"]] = append(rows[line.labels["trace_id"]], line)
	}
	require.Len(t, lines, len(truth.calls))
	require.Len(t, rows, 81, "80 meetings and the demonstration")
	shared := 0
	for trace, row := range rows {
		bridges := map[string]bool{}
		for _, line := range row {
			call := truth.calls[line.labels["cisco_cms_call_id"]]
			require.NotNil(t, call, trace)
			began, err := time.Parse(time.RFC3339, line.labels["began"])
			require.NoError(t, err)
			require.True(t, call.start().Equal(began), "%s began %s", trace, began)
			require.Equal(t, strconv.Itoa(call.Legs), line.labels["legs"])
			require.Equal(t, call.Name, line.labels["cisco_cms_call_name"])
			bridges[line.labels["service_instance_id"]] = true
		}
		require.Len(t, bridges, len(row), "a call on each Call Bridge")
		shared += len(row) - 1
	}
	require.Positive(t, shared)
}

// trace returns the call's id without dashes that the query for meetings shows at the
// end of a line.
func (o *groundTruth) trace(t *testing.T, l *loki, query string) string {
	t.Helper()
	lines := l.shown(t, query)
	require.NotEmpty(t, lines)
	_, trace, _ := strings.Cut(lines[0], ", trace ")
	for id, call := range o.calls {
		if call.Name == meetingInPage && strings.ReplaceAll(id, "-", "") == trace {
			return trace
		}
	}
	t.Fatalf("%q is no call of the meeting", trace)
	return ""
}

func checkMembers(t *testing.T, l *loki, truth *groundTruth, query string) {
	trace := truth.trace(t, l, questions(t, "logql")["Which meetings were there?"])
	var want []string
	alarms := 0
	for _, leg := range truth.legs {
		if truth.callOf(leg).Name == meetingInPage {
			alarms += len(leg.Alarms)
			want = append(want, fmt.Sprintf("%s <%s>, from %s, %d min", leg.DisplayName, leg.RemoteParty, leg.start().Local().Format("15:04"), leg.Seconds/60))
		}
	}
	slices.Sort(want)
	require.Greater(t, len(want), 5)
	require.Positive(t, alarms)
	var lines []string
	for _, line := range l.shown(t, replaced(t, query, traceInPage, trace)) {
		who, rest, _ := strings.Cut(line, " min ")
		alarms -= strings.Count(rest, `"type"`)
		lines = append(lines, who+" min")
	}
	slices.Sort(lines)
	require.Equal(t, want, lines)
	require.Zero(t, alarms, "each alarm is shown")
}

func checkTenants(t *testing.T, l *loki, truth *groundTruth, query string) {
	want := minutes(truth.sum((*reportedLeg).isParticipant, truth.tenant, (*reportedLeg).seconds))
	require.Len(t, want, 3, "two tenants, and none")
	require.Equal(t, want, l.by(t, "cisco_cms_tenant_id", query))
}

func checkTags(t *testing.T, l *loki, truth *groundTruth, query string) {
	want := minutes(truth.sum((*reportedLeg).isParticipant, truth.tag, (*reportedLeg).seconds))
	require.Len(t, want, 4, "three tags, and none")
	require.Equal(t, want, l.by(t, "cisco_cms_call_cdr_tag", query))
}

func checkFaults(t *testing.T, l *loki, truth *groundTruth, query string) {
	failed := func(leg *reportedLeg) bool { return expect.Outcome(leg.Reason) == "failed" }
	want := truth.sum(failed, func(leg *reportedLeg) string { return leg.RemoteParty }, countOne)
	require.Greater(t, len(want), 3)
	require.Less(t, len(want), 20, "all are shown")
	require.Equal(t, want, l.by(t, "cisco_cms_call_leg_remote_party", query))
}
