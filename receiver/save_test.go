package cmscdrreceiver

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// TestNotSaved checks that a document that cannot be saved is not acknowledged, even
// if the pipelines accepted it, and that a resend is not acknowledged before
// everything is saved.
func TestNotSaved(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	disk.fail = func(int) (bool, error) { return false, storage.ErrStorageFull }
	for range 3 {
		answer := rig.post("/cdr", oneCall)
		require.Equal(t, http.StatusServiceUnavailable, answer.Code)
		require.Equal(t, "5", answer.Header().Get("Retry-After"))
		require.Contains(t, answer.Body.String(), "cannot be saved")
	}
	require.Equal(t, 2, rig.logs.LogRecordCount(), "the document must be delivered once")
	require.Equal(t, map[string]int64{"not_saved": 3}, rig.outcomes())
	disk.fail = nil
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	require.Equal(t, 1, newRigOn(t, disk).receiver.sessions.count())
	writes := disk.writes
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	require.Equal(t, writes, disk.writes, "a duplicate must not be saved")
}

// TestListIsSavedOnce checks that the list of sessions is saved with the first save of a session,
// and not with later ones, before and after a restart.
func TestListIsSavedOnce(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post("/cdr", legUpdate(0, `<callLeg id="a"/>`)).Code)
	list := &disk.values["sessions"][0]
	require.Equal(t, http.StatusOK, rig.post("/cdr", legUpdate(1, `<callLeg id="a"/>`)).Code)
	require.Equal(t, http.StatusOK, newRigOn(t, disk).post("/cdr", legUpdate(2, `<callLeg id="a"/>`)).Code)
	require.Same(t, list, &disk.values["sessions"][0])
	require.Equal(t, 3, disk.writes)
}

// TestSavedAtNextScan checks that the next scan saves what an earlier scan closed and
// could not save.
func TestSavedAtNextScan(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	disk.fail = func(int) (bool, error) { return false, storage.ErrStorageFull }
	rig.wait("25h")
	require.Equal(t, 1, rig.traces.SpanCount())
	require.EqualValues(t, 1, newRigOn(t, disk).receiver.openCounts.calls.Load())
	disk.fail = nil
	rig.wait("5s")
	require.Equal(t, 1, rig.traces.SpanCount(), "a closed call must have one span")
	require.EqualValues(t, 0, newRigOn(t, disk).receiver.openCounts.calls.Load())
}

// TestSavedWithoutAResend checks that, if the changes of a document could not be saved, the next
// scan saves them, although a scan in the retry window closes nothing of the session.
func TestSavedWithoutAResend(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	disk.fail = func(int) (bool, error) { return false, storage.ErrStorageFull }
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", oneCall).Code)
	disk.fail = nil
	rig.wait("5s")
	require.EqualValues(t, 1, newRigOn(t, disk).receiver.openCounts.calls.Load())
}

// TestCallBridgeNamedLateIsSaved checks that the Call Bridge of a session is saved if a later
// document is the first to name it, although that document has no new record.
func TestCallBridgeNamedLateIsSaved(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	named := strings.Replace(oneCall, "<records ", `<records callBridge="b71d9e00-0000-4000-8000-00000000000a" `, 1)
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr", named).Code)
	require.Equal(t, "b71d9e00-0000-4000-8000-00000000000a", rig.onlySession().source.instance)
	require.Equal(t, "b71d9e00-0000-4000-8000-00000000000a", newRigOn(t, disk).onlySession().source.instance)
}

// TestSourceOfRefusedDocumentIsNotSaved checks that a session is saved with its earlier source
// if only a refused document named its Call Bridge, and moves to the source of the Call Bridge
// when that document is sent again after a restart of the collector.
func TestSourceOfRefusedDocumentIsNotSaved(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	const callBridge = "b71d9e00-0000-4000-8000-00000000000a"
	named := strings.NewReplacer(`000001">`+"<record", `000001" callBridge="`+callBridge+`">`+"<record", `correlatorIndex="0"`, `correlatorIndex="1"`).Replace(oneCall)
	require.Contains(t, named, callBridge)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", oneCall).Code)
	rig.refuse = func(string) error { return errors.New("queue is full") }
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr?system_id=cms1", named).Code)
	rig.refuse = nil
	rig.wait("25h") // the call expires, so the session is saved
	restarted := newRigOn(t, disk)
	session := restarted.receiver.sessions.all()[0]
	require.Equal(t, "cms1", session.committedSource.instance)
	require.Equal(t, http.StatusOK, restarted.post("/cdr?system_id=cms1", named).Code)
	require.Equal(t, callBridge, session.committedSource.instance)
}

// TestUnreadableIsSaved checks that an index that was read in a malformed part does not
// count as missing after a restart, although its document has no other record.
func TestUnreadableIsSaved(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post("/cdr", legUpdate(0, `<callLeg id="a"/>`)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr", legUpdate(1, `<callLeg id="b"`)).Code)
	rig = newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post("/cdr", legUpdate(2, `<callLeg id="c"/>`)).Code)
	require.Zero(t, rig.onlySession().tracker.Missing())
}

// TestMalformedSessionIsNotSaved checks that a session is not saved while only malformed parts of
// it are accepted. If it were saved, a restarted collector would not recognise the first record
// of the session as a restart of its Call Bridge.
func TestMalformedSessionIsNotSaved(t *testing.T) {
	const malformed = `<record type="callStart" time="never" correlatorIndex="1"><call id="d"/></record>`
	const readable = `<record type="callStart" time="2026-03-02T09:00:00Z" correlatorIndex="0"><call id="c"/></record>`
	for name, before := range map[string][]string{
		"only malformed": {malformed}, "after a refused record": {readable, malformed},
	} {
		t.Run(name, func(t *testing.T) {
			disk := newDisk()
			require.Equal(t, http.StatusOK, newRigOn(t, disk).post("/cdr?system_id=cms1", oneCall).Code)
			rig := newRigOn(t, disk)
			newFakePipelines(rig, func(_ string, ids []string, _ int) error {
				if slices.Contains(ids, "next/0") {
					return errors.New("queue is full")
				}
				return nil
			})
			for _, record := range before {
				rig.post("/cdr?system_id=cms1", `<records session="next">`+record+`</records>`)
			}
			require.Contains(t, rig.outcomes(), "accepted")
			require.NotContains(t, disk.values, "s/next")
			rig = newRigOn(t, disk)
			require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", `<records session="next">`+readable+`</records>`).Code)
			require.Equal(t, 1, int(rig.sum("cisco.cms.call_bridge.restarts")))
			require.Equal(t, 2, rig.logs.LogRecordCount(), "the start of the session and that of the call")
			require.Zero(t, rig.receiver.sessions.byID["5e550000-0000-4000-8000-000000000001"].state.OpenCount())
		})
	}
}

// TestPredecessorIsSavedFirst checks that the first document after a restart of a Call
// Bridge is acknowledged only after the storage saved that the entities of the predecessor
// are closed. Otherwise they would be closed again after a crash of the collector.
func TestPredecessorIsSavedFirst(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", oneCall).Code)
	next := strings.Replace(oneCall, "5e550000", "5e559999", 1)
	failures := 0
	disk.fail = func(int) (bool, error) {
		if failures == 2 {
			return true, nil
		}
		failures++
		return false, errors.New("i/o error")
	}
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr?system_id=cms1", next).Code)
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr?system_id=cms1", next).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", next).Code)
	require.Equal(t, 1, rig.traces.SpanCount())
	require.Zero(t, newRigOn(t, disk).receiver.sessions.byID["5e550000-0000-4000-8000-000000000001"].state.OpenCount())
}

// TestGracePeriodWhileNotSaved checks that scans do not close entities whose grace period
// has passed, while documents are refused because they cannot be saved.
func TestGracePeriodWhileNotSaved(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	record := func(recordType, element string, index int) string {
		return fmt.Sprintf(`<records session="s"><record type="%s" time="2026-03-02T08:00:00Z" correlatorIndex="%d">%s</record></records>`, recordType, index, element)
	}
	require.Equal(t, http.StatusOK, rig.post("/cdr", record("callStart", `<call id="c"/>`, 0)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr", record("callLegStart", `<callLeg id="l"><call>c</call></callLeg>`, 1)).Code)
	disk.fail = func(int) (bool, error) { return false, storage.ErrStorageFull }
	for range 20 {
		require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", record("callEnd", `<call id="c"/>`, 2)).Code)
		rig.wait("5s")
	}
	disk.fail = nil
	rig.wait("5s")
	require.Equal(t, http.StatusOK, rig.post("/cdr", record("callEnd", `<call id="c"/>`, 2)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr", record("callLegEnd", `<callLeg id="l"/>`, 3)).Code)
	complete, incomplete := rig.countSpans()
	require.Equal(t, map[string]int{"call": 1, "call_leg": 1}, complete)
	require.Empty(t, incomplete)
}

// TestSavedWhileProcessing checks that the session is saved every two seconds while a
// long document is processed, so that few records are delivered again after a crash.
func TestSavedWhileProcessing(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	writes := []int{}
	newFakePipelines(rig, func(signal string, _ []string, _ int) error {
		if signal == signalLogs {
			rig.advanceTo(rig.clock().Add(time.Second))
			writes = append(writes, disk.writes)
		}
		return nil
	})
	require.Equal(t, http.StatusOK, rig.post("/cdr", backlog(1500)).Code)
	require.Equal(t, []int{0, 0, 1, 1, 2, 2}, writes)
	require.Equal(t, 3, disk.writes)
}

// TestSavedWhenRefused checks that the slices that were committed before a refusal are saved,
// so that they are not repeated after a crash.
func TestSavedWhenRefused(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	pipelines := newFakePipelines(rig, nil)
	pipelines.respond = func(signal string, _ []string, _ int) error {
		if signal == signalLogs && pipelines.calls[signalLogs] == 2 {
			return errors.New("queue is full")
		}
		return nil
	}
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", backlog(500)).Code)
	require.Equal(t, 501, rig.logs.LogRecordCount(), "the first slice and the start of the session")
	rig = newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post("/cdr", backlog(500)).Code)
	require.Equal(t, 500, rig.logs.LogRecordCount(), "the second slice")
}
