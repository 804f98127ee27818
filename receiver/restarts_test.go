package cmscdrreceiver

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/callbridge"
	"github.com/cmscdr/cmscdrreceiver/internal/checkpoint"
)

// TestDowntimeDelaysExpiry checks that an open entity expires later by the time between
// the last document that was saved before a restart of the receiver and the restart. The
// hour in which the receiver still ran after that document is part of this time.
func TestDowntimeDelaysExpiry(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	rig.wait("1h")
	restarted := newRigOnAt(t, disk, rig.clock().Add(72*time.Hour))
	restarted.wait("23h")
	require.Zero(t, restarted.traces.SpanCount())
	restarted.wait("61m")
	require.Equal(t, 1, restarted.traces.SpanCount())
}

// TestHistoriesAfterRestart checks that the history of a source, with the order of its
// sessions and whether several servers share it, survives a restart of the receiver.
func TestHistoriesAfterRestart(t *testing.T) {
	disk := newDisk()
	post := func(document string) *rig {
		rig := newRigOn(t, disk)
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", document).Code)
		return rig
	}
	post(callStartAt("a", "08:00:00", 0))
	rig := post(callStartAt("b", "08:10:00", 0))
	require.Equal(t, 1, rig.traces.SpanCount(), "the start of session b must close the call of session a")
	rig = post(callStartAt("a", "08:05:00", 1))
	require.Zero(t, rig.warnings.Len(), "a record of the earlier session must not be taken for a second server")
	rig = post(callStartAt("a", "08:12:00", 2))
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("Two servers share").Len())
	rig = post(callStartAt("c", "08:20:00", 0))
	require.Zero(t, rig.traces.SpanCount())
	require.Equal(t, 3, rig.receiver.sessions.byID["a"].state.OpenCount()+rig.receiver.sessions.byID["b"].state.OpenCount())
}

// TestHistoryAfterEviction checks that a session that began while an evicted session of its
// source waited to be closed is in the history of the source after a restart of the receiver,
// although the copy of the evicted session is still saved. A restart of the Call Bridge then
// closes the calls of the session that began.
func TestHistoryAfterEviction(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	for index := range 3 {
		rig.postAccepted(callStartAt("a", "08:00:00", index))
	}
	rig.refuse = func(signal string) error {
		if signal == signalTraces {
			return errors.New("queue is full")
		}
		return nil
	}
	rig.wait("721h")
	rig.postAccepted(callStartAt("b", "08:10:00", 0))
	rig = newRigOn(t, disk)
	rig.postAccepted(callStartAt("c", "08:20:00", 0))
	require.Zero(t, rig.receiver.sessions.byID["b"].state.OpenCount())
}

// TestLatestRecordOfADocument checks that the replacement of session a by session b is in
// doubt if the first record of b has a time between those of the first and the last record
// of a document of a.
func TestLatestRecordOfADocument(t *testing.T) {
	rig := newRig(t, nil)
	const record = `<record type="callStart" time="2026-03-02T08:%sZ" correlatorIndex="%d"><call id="%s"/></record>`
	document := func(session string, records ...string) string {
		return `<records session="` + session + `">` + strings.Join(records, "") + `</records>`
	}
	call := func(at string, index int) string {
		return fmt.Sprintf(record, at, index, "call at "+at)
	}
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", document("a", call("00:00", 0), call("20:00", 1))).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", document("b", call("10:00", 0))).Code)
	require.Zero(t, rig.traces.SpanCount(), "calls are closed although session a may still run")
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", document("c", call("30:00", 0))).Code)
	require.Equal(t, 1, rig.traces.SpanCount(), "the call of session b must be closed at once")
}

// TestSeniorityAfterRestart checks that a new session is less senior than all that were saved.
func TestSeniorityAfterRestart(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	for n := range 3 {
		require.Equal(t, http.StatusOK, rig.post(callOn(n)).Code)
	}
	rig = newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post(callOn(3)).Code)
	var seniorities []uint64 // the order of the ids is that in which the sessions were received
	for _, session := range rig.receiver.sessions.all() {
		seniorities = append(seniorities, session.seniority)
	}
	require.Equal(t, []uint64{1, 2, 3, 4}, seniorities)
}

// TestMeetingOnceAfterRestart checks that a meeting has one span although the
// receiver restarts between the refusal of its last call's end and the resend. Once the
// meeting has ended, the departure of its other call is removed from what is saved.
func TestMeetingOnceAfterRestart(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	for bridge := range 2 {
		require.Equal(t, http.StatusOK, rig.post("/cdr", callDocument(1, bridge, 0, "callStart")).Code)
	}
	rig.refuse = func(string) error { return errors.New("queue is full") }
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", callDocument(1, 1, 1, "callEnd")).Code)
	rig.refuse = nil
	require.Equal(t, http.StatusOK, rig.post("/cdr", callDocument(1, 0, 1, "callEnd")).Code)
	complete, _ := rig.countSpans()
	require.Equal(t, map[string]int{"call": 1}, complete)
	require.NoError(t, rig.receiver.saveOrClose(t.Context()))
	rig = newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post("/cdr", callDocument(1, 1, 1, "callEnd")).Code)
	complete, _ = rig.countSpans()
	require.Equal(t, map[string]int{"call": 1, "meeting": 1}, complete)
	require.False(t, rig.traces.AllTraces()[0].ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).ParentSpanID().IsEmpty())
	require.Equal(t, http.StatusOK, rig.post("/cdr", callDocument(2, 0, 2, "callStart")).Code)
	require.Empty(t, newRigOn(t, disk).receiver.sessions.byID["5e550000-0000-4000-8000-000000000000"].state.State().Departures)
}

// TestMeetingAfterRemovedSession checks that a meeting has its span after a restart of the
// collector, although the session of the call that left it was removed before, also
// if the removal was repeated after a failure of the storage.
func TestMeetingAfterRemovedSession(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	for bridge := range 2 {
		require.Equal(t, http.StatusOK, rig.post("/cdr", callDocument(1, bridge, 0, "callStart")).Code)
	}
	require.Equal(t, http.StatusOK, rig.post("/cdr", callDocument(1, 0, 1, "callEnd")).Code)
	left := rig.receiver.sessions.byID["5e550000-0000-4000-8000-000000000000"]
	rig.receiver.sessions.evictIfPresent(left)
	disk.fail = func(int) (bool, error) { return false, errPowerCut }
	require.Error(t, rig.receiver.closeEvicted(t.Context(), left))
	disk.fail = nil
	require.NoError(t, rig.receiver.closeEvicted(t.Context(), left))

	// The save of a new session does not write the departures again.
	require.Contains(t, disk.values, "departures")
	saved := disk.values["departures"]
	delete(disk.values, "departures")
	require.Equal(t, http.StatusOK, rig.post("/cdr", callDocument(2, 2, 0, "callStart")).Code)
	_, rewritten := disk.values["departures"]
	require.False(t, rewritten)
	disk.values["departures"] = saved
	require.Equal(t, http.StatusOK, rig.post("/cdr", callDocument(2, 2, 1, "callEnd")).Code)

	rig = newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post("/cdr", callDocument(1, 1, 1, "callEnd")).Code)
	complete, _ := rig.countSpans()
	require.Equal(t, map[string]int{"call": 1, "meeting": 1}, complete)

	// The next removal forgets the departure, because the meeting ended.
	require.Contains(t, disk.values, "departures")
	last := rig.receiver.sessions.byID["5e550000-0000-4000-8000-000000000001"]
	rig.receiver.sessions.evictIfPresent(last)
	require.NoError(t, rig.receiver.closeEvicted(t.Context(), last))
	require.NotContains(t, disk.values, "departures")
	require.Empty(t, newRigOn(t, disk).receiver.store.list.departures)
}

// TestExpiryAfterRestarts checks that restarts without downtime do not delay the expiry.
// The downtime begins with the last saved document, so a document is posted immediately
// before each restart. Before the second restart it is one of another session.
func TestExpiryAfterRestarts(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	start := rig.clock()
	for run := range 2 {
		rig = newRigOnAt(t, disk, start.Add(time.Duration(run)*13*time.Hour))
		rig.wait("13h")
		other := strings.Replace(oneCall, "5e550000", fmt.Sprintf("5e55111%d", run), 1)
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=other", other).Code)
	}
	_, incomplete := rig.countSpans()
	require.Equal(t, 1, incomplete["expired"]["call"], "the call must expire after the 26 hours in which the receiver ran")
}

// TestReplacedBeforeRestart checks that a session that was silent for days before another one
// replaced it, such as over a weekend, is kept for a day after that, also if the receiver
// restarts. Until then its duplicates are recognised.
func TestReplacedBeforeRestart(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	rig.postAccepted(callStartAt("a", "08:00:00", 0))
	rig.wait("60h")
	rig.postAccepted(callStartAt("b", "08:10:00", 0))
	rig = newRigOnAt(t, disk, rig.clock())
	rig.wait("23h")
	require.Equal(t, 2, rig.receiver.sessions.count())
	rig.wait("2h")
	require.Equal(t, 1, rig.receiver.sessions.count())
}

// TestEqualSessionStarts checks that, of two sessions whose first records have the
// same time, the one that was received later replaces the other, also after a restart of
// the receiver, which restores sessions in the order of their ids.
func TestEqualSessionStarts(t *testing.T) {
	for _, sessions := range [][]string{{"a", "b"}, {"b", "a"}} {
		disk := newDisk()
		for n, session := range sessions {
			rig := newRigOn(t, disk)
			rig.advanceTo(rig.clock().Add(time.Duration(n) * time.Minute))
			document := strings.Replace(oneCall, "5e550000-0000-4000-8000-000000000001", session, 1)
			require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", document).Code)
		}
		rig := newRigOn(t, disk)
		history := rig.receiver.sessions.histories["cms1"]
		require.True(t, history.Replaced(sessions[0]))
		require.False(t, history.Replaced(sessions[1]))
	}
}

// TestRefusedBeforeRestart checks that the entities of a session for which nothing was
// saved for more than a day, as when its documents are refused, do not expire in the
// retry window after a restart of the receiver.
func TestRefusedBeforeRestart(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post(callOn(1)).Code)
	_, document := callOn(2)
	rig.advanceTo(rig.clock().Add(26 * time.Hour))
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms2", document).Code)
	restarted := newRigOnAt(t, disk, rig.clock())
	restarted.wait("9m")
	require.Zero(t, restarted.traces.SpanCount())
	restarted.wait("2m")
	require.Equal(t, 1, restarted.traces.SpanCount())
}

// TestRestartDuringABacklog checks that a call does not join a call that began days earlier in a
// backlog, although the collector was restarted between their records.
func TestRestartDuringABacklog(t *testing.T) {
	document := func(callBridge, index int, record string, at time.Time) string {
		return fmt.Sprintf(`<records session="s%d" callBridge="b%[1]d"><record type="%s" time="%s" correlatorIndex="%d"><call id="c%[1]d"><coSpace>space</coSpace></call></record></records>`,
			callBridge, record, at.Format(time.RFC3339), index)
	}
	disk := newDisk()
	rig := newRigOn(t, disk)
	began := rig.clock()
	rig.advanceTo(began.Add(100 * time.Hour))
	require.Equal(t, http.StatusOK, rig.post("/cdr", document(1, 0, "callStart", began)).Code)
	rig = newRigOnAt(t, disk, rig.clock())
	rig.wait("1m")
	require.Equal(t, http.StatusOK, rig.post("/cdr", document(2, 0, "callStart", rig.clock())).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr", document(1, 1, "callEnd", began.Add(time.Hour))).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr", document(2, 1, "callEnd", rig.clock())).Code)
	complete, _ := rig.countSpans()
	require.Equal(t, map[string]int{"call": 2}, complete)
}

// TestHistoryOfFormat1 checks that, of the sessions that were saved in format 1, which has no
// histories, each replaces the one before it, also if late records of that one arrive.
func TestHistoryOfFormat1(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	rig.postAccepted(callStartAt("a", "08:00:00", 0))
	rig.advanceTo(rig.clock().Add(10 * time.Minute))
	rig.postAccepted(callStartAt("b", "08:10:00", 0))
	loaded, unreadable, err := checkpoint.Load(t.Context(), disk)
	require.NoError(t, err)
	require.Empty(t, unreadable)
	for _, saved := range loaded {
		saved.History, saved.Start.Seniority = callbridge.State{}, 0
	}
	rig = newRigOnAt(t, newDisk(), rig.clock())
	require.NoError(t, rig.receiver.restore(loaded))
	rig.postAccepted(callStartAt("a", "08:09:00", 1))
	require.Zero(t, rig.warnings.Len(), "a record of the earlier session must not be taken for a second server")
	require.True(t, rig.receiver.sessions.histories["cms1"].Replaced("a"))
	rig.postAccepted(callStartAt("a", "08:12:00", 2))
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("Two servers share").Len())
}

// TestMovedSessionAfterRestart checks that, after a restart of the receiver, a session that moved
// to the source of its Call Bridge is not in the history of its old source, of which another
// session saved a copy.
func TestMovedSessionAfterRestart(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	post := func(document string) {
		t.Helper()
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cluster", document).Code)
	}
	post(callStartAt("a", "08:10:00", 0))
	post(callStartAt("late", "08:00:00", 5))
	post(strings.Replace(callStartAt("a", "08:11:00", 1), `"a"`, `"a" callBridge="A"`, 1))
	rig = newRigOn(t, disk)
	post(callStartAt("b", "08:20:00", 0))
	require.Zero(t, rig.traces.SpanCount(), "session b must not replace session a, whose source is another one")
	require.Zero(t, int(rig.sum("cisco.cms.call_bridge.restarts")))
}

// TestReadableCopyAfterRestart checks that, after a restart of the receiver, a readable record
// opens its call although a malformed record with the same index was accepted before, such as
// the end of a document that a proxy cut off.
func TestReadableCopyAfterRestart(t *testing.T) {
	disk := newDisk()
	require.Equal(t, http.StatusOK, newRigOn(t, disk).post("/cdr", callStartAt("s", "08:00:00", 0)).Code)
	start := callStartAt("s", "08:01:00", 1)
	require.Equal(t, http.StatusOK, newRigOn(t, disk).post("/cdr", strings.Replace(start, "2026-03-02T08:01:00Z", "2026", 1)).Code)
	rig := newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post("/cdr", start).Code)
	require.EqualValues(t, 2, rig.receiver.openCounts.calls.Load())
	require.Equal(t, time.Date(2026, 3, 2, 8, 1, 0, 0, time.UTC), rig.onlySession().state.State().LatestTime.AsTime())
}

// TestReplacedAfterTheSuccessorLeft checks that a session is still replaced after a restart of the
// receiver if the session that replaced it moved to another source, or was evicted, before the
// restart. That session had the only saved copy of the history with the replacement. The save that
// writes the history of the replaced session is repeated if it fails.
func TestReplacedAfterTheSuccessorLeft(t *testing.T) {
	for name, leave := range map[string]func(rig *rig){
		"moved": func(rig *rig) {
			named := strings.Replace(callStartAt("b", "08:01:00", 1), `"b"`, `"b" callBridge="B"`, 1)
			require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", named).Code)
		},
		"evicted": func(rig *rig) { rig.receiver.sessions.evictIfPresent(rig.receiver.sessions.byID["b"]) },
	} {
		t.Run(name, func(t *testing.T) {
			disk := newDisk()
			rig := newRigOn(t, disk)
			require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", callStartAt("a", "08:10:00", 0)).Code)
			require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", callStartAt("b", "08:00:00", 0)).Code)
			leave(rig)
			disk.fail = func(int) (bool, error) { return false, errors.New("i/o error") }
			rig.wait("5s")
			disk.fail = nil
			rig.wait("5s")
			require.True(t, rig.receiver.sessions.histories["cms1"].Replaced("a"))
			writes := disk.writes
			rig.wait("5s")
			require.Equal(t, writes, disk.writes, "the history must be saved once")

			restarted := newRigOn(t, disk)
			require.True(t, restarted.receiver.sessions.histories["cms1"].Replaced("a"))
			restarted.wait("11m")
			_, incomplete := restarted.countSpans()
			require.Equal(t, map[string]map[string]int{"call_bridge_restart": {"call": 1}}, incomplete)
		})
	}
}

// TestClockAheadBeforeRestart checks that the call of a silent session expires after expire_after
// although the receiver's clock was weeks ahead when the last document of the session was received,
// and has been correct since a restart.
func TestClockAheadBeforeRestart(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	right := rig.clock()
	rig.advanceTo(right.Add(1000 * time.Hour))
	require.Equal(t, http.StatusOK, rig.post("/cdr", callStartAt("a", "08:00:00", 0)).Code)
	rig = newRigOnAt(t, disk, right)
	rig.wait("23h")
	require.Zero(t, rig.traces.SpanCount())
	rig.wait("2h")
	_, incomplete := rig.countSpans()
	require.Equal(t, map[string]map[string]int{"expired": {"call": 1}}, incomplete)
}

// TestReplacedWhileTheClockWasAhead checks that the calls of a replaced session are closed a minute
// after its last document, although the receiver's clock was weeks ahead when the session was
// replaced, and right after a restart.
func TestReplacedWhileTheClockWasAhead(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	right := rig.clock()
	rig.advanceTo(right.Add(1000 * time.Hour))
	for _, document := range []string{callStartAt("a", "08:10:00", 0), callStartAt("b", "08:00:00", 0)} { // the replacement is in doubt
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", document).Code)
	}
	rig = newRigOnAt(t, disk, right)
	rig.wait("11m")
	_, incomplete := rig.countSpans()
	require.Equal(t, map[string]map[string]int{"call_bridge_restart": {"call": 1}}, incomplete)
}
