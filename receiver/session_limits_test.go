package cmscdrreceiver

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// TestTooManySessions checks that the sessions are limited, because clients choose
// their ids. At the limit a new session is refused. One that replaces another session
// inherits its seniority, and the least senior session is evicted for it.
func TestTooManySessions(t *testing.T) {
	rig := newRig(t, nil)
	rig.receiver.nextLogs = nil
	for n := range maxSessions {
		require.Equal(t, http.StatusOK, rig.post(callOn(n)).Code)
	}
	require.Equal(t, http.StatusServiceUnavailable, rig.post(callOn(maxSessions)).Code)
	require.Equal(t, http.StatusOK, rig.post(callOn(0)).Code)
	require.EqualValues(t, maxSessions, rig.receiver.openCounts.calls.Load())
	rig.receiver.scan(t.Context())
	require.Zero(t, rig.traces.SpanCount())

	target, _ := callOn(0)
	_, restarted := callOn(maxSessions)
	require.Equal(t, http.StatusOK, rig.post(target, restarted).Code)
	rig.receiver.scan(t.Context())
	_, incomplete := rig.countSpans()
	require.Equal(t, map[string]map[string]int{"evicted": {"call": 1}, "call_bridge_restart": {"call": 1}}, incomplete)
	require.Equal(t, maxSessions, rig.receiver.sessions.count())
	require.Equal(t, http.StatusServiceUnavailable, rig.post(callOn(maxSessions-1)).Code, "the least senior session must be evicted")

	for n := range maxEvicted {
		rig.receiver.sessions.evicted[fmt.Sprint(n)] = &session{}
	}
	target, _ = callOn(1)
	_, restarted = callOn(maxSessions + 1)
	require.Equal(t, http.StatusServiceUnavailable, rig.post(target, restarted).Code, "no further session may be evicted")
}

// TestLeastSeniorRestarts checks that, at the limit of sessions, the Call Bridge of the least
// senior session can restart, although its new session is not more senior.
func TestLeastSeniorRestarts(t *testing.T) {
	rig := newRig(t, nil)
	rig.receiver.nextLogs = nil
	for n := range maxSessions {
		require.Equal(t, http.StatusOK, rig.post(callOn(n)).Code)
	}
	target, _ := callOn(maxSessions - 1)
	_, restarted := callOn(maxSessions)
	require.Equal(t, http.StatusOK, rig.post(target, restarted).Code)
	require.Equal(t, maxSessions, rig.receiver.sessions.count())
}

// TestSilentSessions checks that the latest session of a source is kept during a long
// silence, so that duplicates are recognised after it, and that the session and the series
// of its source are removed in the end.
func TestSilentSessions(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post(callOn(1)).Code)
	rig.wait("480h")
	require.EqualValues(t, 0, rig.receiver.openCounts.calls.Load())
	require.Equal(t, http.StatusOK, rig.post(callOn(1)).Code)
	require.Equal(t, 1, int(rig.sum("cisco.cms.record.duplicate")))
	rig.wait("721h")
	require.Zero(t, rig.receiver.sessions.count())
	require.Empty(t, rig.receiver.sessions.histories)
	require.Empty(t, rig.receiver.sessions.sourceRefs)
	require.NotEmpty(t, printed.Metrics(rig.series()), "the last values must be emitted once more")
	require.Empty(t, printed.Metrics(rig.series()), "the series of the source must be released")
}

// TestLongExpiryKeepsSilentSessions checks that a silent session is kept until its entities expire.
func TestLongExpiryKeepsSilentSessions(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.ExpireAfter = 2 * silentSessionLifetime })
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	rig.wait("1000h")
	require.Equal(t, 1, rig.receiver.sessions.count())
	rig.wait("1000h")
	require.Zero(t, rig.receiver.sessions.count())
	_, incomplete := rig.countSpans()
	require.Equal(t, map[string]map[string]int{"expired": {"call": 1}}, incomplete)
}

// TestSourcesAreReleased checks that a source has no reference left when no session has it:
// after a document that named it was refused and a later one named another, and after the
// session was evicted.
func TestSourcesAreReleased(t *testing.T) {
	rig := newRig(t, nil)
	named := func(bridge string, index int) string {
		return fmt.Sprintf(`<records session="s"%s><record type="callStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><call id="c"/></record></records>`, bridge, index)
	}
	refuse := func(string) error { return errors.New("queue is full") }
	rig.refuse = refuse
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr?system_id=cms1", named("", 0)).Code)
	require.Equal(t, map[string]int{"cms1": 1}, rig.receiver.sessions.sourceRefs)
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", named(` callBridge="A"`, 0)).Code)
	require.Equal(t, map[string]int{"A": 1}, rig.receiver.sessions.sourceRefs)

	rig = newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", named("", 0)).Code)
	rig.refuse = refuse
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", named(` callBridge="A"`, 1)).Code)
	require.Equal(t, map[string]int{"cms1": 1, "A": 1}, rig.receiver.sessions.sourceRefs)
	rig.refuse = nil
	rig.wait("721h")
	require.Zero(t, rig.receiver.sessions.count())
	require.Empty(t, rig.receiver.sessions.sourceRefs)
}

// TestReplacedAfterSilence checks that a session that was silent for longer than expire_after is
// not removed as soon as another session replaces it. Otherwise, if the other session is that of
// a second server, the first server would look like a restart of the second when it posts again.
func TestReplacedAfterSilence(t *testing.T) {
	rig := newRig(t, nil)
	rig.postAccepted(callStartAt("a", "08:00:00", 0))
	rig.wait("25h")
	require.Equal(t, 1, rig.traces.SpanCount())
	rig.postAccepted(strings.Replace(callStartAt("b", "09:00:00", 0), "03-02", "03-03", 1))
	rig.wait("5m")
	rig.postAccepted(strings.Replace(callStartAt("a", "09:05:00", 1), "03-02", "03-03", 1))
	require.Equal(t, 1, rig.traces.SpanCount(), "the call of session b must stay open")
	require.Equal(t, 1, int(rig.sum("cisco.cms.call_bridge.restarts")))
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("Two servers share").Len())
}
