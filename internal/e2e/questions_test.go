package e2e

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

var question = regexp.MustCompile("(?ms)^\\*\\*([^*]+)\\*\\*[^`]*?\n\n```(logql|promql)\n(.*?)\n```$")

// questions are the queries of docs/operating.md in a language, by what they answer.
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

// playOverheard plays an hour of meetings, and then the demonstration, on two Call
// Bridges, to their ends, as fast as it goes. The demonstration is the shorter one,
// and comes last: Loki takes nothing that is an hour behind the newest record. The
// seed makes ids, so the next one is taken too.
func playOverheard(t *testing.T, target string, seed uint64) *overheard {
	t.Helper()
	heard := newOverheard()
	for _, config := range []simulate.Config{{Bridges: 2, Meetings: 80, Seed: seed}, {Demo: true, Seed: seed + 1}} {
		config.Target, config.Client, config.GiveUp = target, &http.Client{Transport: heard}, time.Minute
		_, counts, err := simulate.Run(t.Context(), config)
		require.NoError(t, err)
		require.Zero(t, counts.Unacknowledged)
	}
	return heard
}

// TestQuestions: each query of the page gets from a real Loki what the Call
// Bridges told.
func TestQuestions(t *testing.T) {
	l, address := startLoki(t), freeAddress(t)
	cdr := "http://" + address + "/cdr"
	startLoud(t, cdr, fmt.Sprintf(toLoki, address, l.url+"/otlp", t.TempDir()))
	heard := playOverheard(t, cdr, 21)
	checks := map[string]func(*testing.T, *loki, *overheard, string){
		"Where was a person in the last week?":  checkWhere,
		"How long was that in all?":             checkHowLong,
		"Which meetings were there?":            checkMeetings,
		"Who was in a meeting?":                 checkMembers,
		"How many minutes did each tenant use?": checkTenants,
		"How many minutes did each cdrTag use?": checkTags,
		"Who has faults?":                       checkFaults,
	}
	asked := questions(t, "logql")
	require.Len(t, asked, len(checks)+len(nowAsks))
	for title, check := range checks {
		t.Run(title, func(t *testing.T) { check(t, l, heard, asked[title]) })
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

// shown are the lines of an answer about the last week, sorted.
func (l *loki) shown(t *testing.T, query string) (lines []string) {
	t.Helper()
	for _, line := range l.linesSince(t, 7*24*time.Hour, query) {
		lines = append(lines, line.body)
	}
	slices.Sort(lines)
	return lines
}

func checkWhere(t *testing.T, l *loki, heard *overheard, query string) {
	for name, least := range map[string]int{inPage: 1, inMany: 2} {
		var want []string
		for _, leg := range heard.legs {
			if leg.DisplayName == name {
				want = append(want, fmt.Sprintf("%s, from %s, %d min, %s", heard.callOf(leg).Name, leg.begun().Local().Format("2006-01-02 15:04"), leg.Seconds/60, leg.Reason))
			}
		}
		slices.Sort(want)
		require.GreaterOrEqual(t, len(want), least)
		require.Equal(t, want, l.shown(t, replaced(t, query, inPage, name)))
	}
}

func checkHowLong(t *testing.T, l *loki, heard *overheard, query string) {
	for _, name := range []string{inPage, inMany} {
		want := heard.sum(func(leg *heardLeg) bool { return leg.DisplayName == name }, func(*heardLeg) string { return "" }, (*heardLeg).seconds)
		require.Greater(t, want[""], 600)
		require.Equal(t, minutes(want), l.by(t, "", replaced(t, query, inPage, name)))
	}
}

// minutes are whole ones, as by cuts off the rest.
func minutes(seconds map[string]int) map[string]int {
	in := map[string]int{}
	for key, n := range seconds {
		in[key] = n / 60
	}
	return in
}

func checkMeetings(t *testing.T, l *loki, heard *overheard, query string) {
	trace := heard.trace(t, l, query)
	var want []string
	for _, call := range heard.calls {
		if call.Name == meetingInPage {
			want = append(want, fmt.Sprintf("%s, from %s, %d min, %d legs, trace %s", call.Name, call.begun().Local().Format("2006-01-02 15:04"), call.Seconds/60, call.Legs, trace))
		}
	}
	slices.Sort(want)
	require.Len(t, want, 2)
	require.Equal(t, want, l.shown(t, query))
}

// trace is what the query for meetings shows at the end of a line: a call's id,
// without dashes.
func (o *overheard) trace(t *testing.T, l *loki, query string) string {
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

func checkMembers(t *testing.T, l *loki, heard *overheard, query string) {
	trace := heard.trace(t, l, questions(t, "logql")["Which meetings were there?"])
	var want []string
	alarms := 0
	for _, leg := range heard.legs {
		if heard.callOf(leg).Name == meetingInPage {
			alarms += len(leg.Alarms)
			want = append(want, fmt.Sprintf("%s <%s>, from %s, %d min", leg.DisplayName, leg.RemoteParty, leg.begun().Local().Format("15:04"), leg.Seconds/60))
		}
	}
	slices.Sort(want)
	require.Greater(t, len(want), 5)
	require.Positive(t, alarms)
	var lines []string
	for _, line := range l.shown(t, replaced(t, query, traceInPage, trace)) {
		who, told, _ := strings.Cut(line, " min ")
		alarms -= strings.Count(told, `"type"`)
		lines = append(lines, who+" min")
	}
	slices.Sort(lines)
	require.Equal(t, want, lines)
	require.Zero(t, alarms, "each alarm is shown")
}

func checkTenants(t *testing.T, l *loki, heard *overheard, query string) {
	want := minutes(heard.sum((*heardLeg).isParticipant, heard.tenant, (*heardLeg).seconds))
	require.Len(t, want, 3, "two tenants, and none")
	require.Equal(t, want, l.by(t, "cisco_cms_tenant_id", query))
}

func checkTags(t *testing.T, l *loki, heard *overheard, query string) {
	want := minutes(heard.sum((*heardLeg).isParticipant, heard.tag, (*heardLeg).seconds))
	require.Len(t, want, 4, "three tags, and none")
	require.Equal(t, want, l.by(t, "cisco_cms_call_cdr_tag", query))
}

func checkFaults(t *testing.T, l *loki, heard *overheard, query string) {
	failed := func(leg *heardLeg) bool { return expect.Outcome(leg.Reason) == "failed" }
	want := heard.sum(failed, func(leg *heardLeg) string { return leg.RemoteParty }, one)
	require.Greater(t, len(want), 3)
	require.Less(t, len(want), 20, "all are shown")
	require.Equal(t, want, l.by(t, "cisco_cms_call_leg_remote_party", query))
}
