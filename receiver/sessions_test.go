package cmscdrreceiver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// callStartAt returns a document of the session with the start of a call. at is the time of
// day of the record.
func callStartAt(session, at string, index int) string {
	return fmt.Sprintf(`<records session="%s"><record type="callStart" time="2026-03-02T%sZ" correlatorIndex="%d"><call id="%s %d"/></record></records>`,
		session, at, index, session, index)
}

// callOn returns the target and the document of Call Bridge n, which has a session of its
// own.
func callOn(n int) (target, document string) {
	return fmt.Sprintf("/cdr?system_id=cms%d", n), strings.Replace(oneCall, "5e550000-0000", fmt.Sprintf("5e550000-%04x", n), 1)
}

// TestCallBridgeNamedLate checks that a session that first names its Call Bridge in
// its second document is recognised as a restart then.
func TestCallBridgeNamedLate(t *testing.T) {
	rig := newRig(t, nil)
	const bridge = ` callBridge="b71d9e00-0000-4000-8000-00000000000a"`
	named := func(session string, index int) string {
		return fmt.Sprintf(`<records session="%s"%s><record type="callStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d">`+
			`<call id="ca110000-0000-4000-8000-%s%06d"/></record></records>`, session, bridge, index, session, index)
	}
	require.Equal(t, http.StatusOK, rig.post("/cdr", named("before", 0)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr", strings.Replace(named("after", 0), bridge, "", 1)).Code)
	require.EqualValues(t, 2, rig.receiver.openCounts.calls.Load())
	require.Equal(t, http.StatusOK, rig.post("/cdr", named("after", 1)).Code)
	require.EqualValues(t, 1, rig.receiver.sessions.byID["after"].seniority, "the session must inherit the seniority of its predecessor")
	_, incomplete := rig.countSpans()
	require.Equal(t, map[string]map[string]int{"call_bridge_restart": {"call": 1}}, incomplete)
	require.Equal(t, 1, int(rig.sum("cisco.cms.call_bridge.restarts")))
	require.Equal(t, map[string]int{"-": 2}, rig.byAttribute("cisco.cms.call.active", "cisco.cms.call.type"))
}

// TestOlderSessionLate checks a new session whose record time is earlier than that of the
// latest session. If its first index is above 0, it is a late session: it replaces none,
// and its own entities are closed after a silence. If its first index is 0, it is a
// restart with another clock, and the entities of its predecessor are closed after a
// silence.
func TestOlderSessionLate(t *testing.T) {
	for _, c := range []struct {
		index int
		open  string
	}{{7, "new"}, {0, "old"}} {
		rig := newRig(t, nil)
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", callStartAt("new", "08:00:00", 0)).Code)
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", callStartAt("old", "07:00:00", c.index)).Code)
		require.EqualValues(t, 2, rig.receiver.openCounts.calls.Load())
		rig.wait("61s")
		_, incomplete := rig.countSpans()
		require.Equal(t, map[string]map[string]int{"call_bridge_restart": {"call": 1}}, incomplete)
		for _, session := range rig.receiver.sessions.all() {
			require.Equal(t, session.id == c.open, session.state.CallCount() == 1, session.id)
		}
	}
}

// TestLateSessionInheritsSeniority checks that a session that looked late, and then turns out to
// replace the latest session of its source, is as senior as that one.
func TestLateSessionInheritsSeniority(t *testing.T) {
	rig := newRig(t, nil)
	post := func(source, session, at string, index int) {
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id="+source, callStartAt(session, at, index)).Code)
	}
	post("cms1", "a", "08:00:00", 0)
	post("cms2", "x", "08:00:00", 0)
	post("cms1", "late", "07:30:00", 5)
	require.EqualValues(t, 3, rig.receiver.sessions.byID["late"].seniority)
	rig.wait("10m")
	post("cms1", "late", "08:11:00", 6)
	require.EqualValues(t, 1, rig.receiver.sessions.byID["late"].seniority)
	require.Equal(t, "x", rig.receiver.sessions.leastSenior().id)
}

// TestRestartWaitsForThePipelines checks that the document of a restart is refused
// like any other if the pipelines refuse the spans of the predecessor, and that
// nothing is committed then.
func TestRestartWaitsForThePipelines(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", oneCall).Code)
	next := strings.Replace(oneCall, "5e550000", "5e559999", 1)
	rig.refuse = func(signal string) error {
		if signal == "traces" { // the document itself has only log records
			return errors.New("queue is full")
		}
		return nil
	}
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr?system_id=cms1", next).Code)
	rig.refuse = nil
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", next).Code)
	require.Equal(t, 1, rig.traces.SpanCount())
	require.Equal(t, 1, int(rig.sum("cisco.cms.call_bridge.restarts")))
}

// TestScan checks that the first periodic scan after an entity expired closes it, and that
// no earlier one does.
func TestScan(t *testing.T) {
	rig := newRig(t, nil)
	synctest.Test(t, func(t *testing.T) {
		rig.receiver.clock = time.Now
		scans := every(scanInterval, rig.receiver.scan)
		require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
		time.Sleep(24*time.Hour - time.Second)
		synctest.Wait()
		require.Zero(t, rig.traces.SpanCount())
		time.Sleep(scanInterval + time.Second)
		synctest.Wait()
		require.Equal(t, 1, rig.traces.SpanCount())
		scans.stop()
	})
}

// TestGracePeriodAfterTheClockIsSetBack checks that a leg whose call ended is closed although the
// receiver's clock was wrong by weeks when the call ended, and its Call Bridge continues to post.
func TestGracePeriodAfterTheClockIsSetBack(t *testing.T) {
	rig := newRig(t, nil)
	right := rig.now
	rig.now = right.Add(1000 * time.Hour)
	for index, record := range []string{`callStart" x="%d"><call id="c"/>`, `callLegStart" x="%d"><callLeg id="l"><call>c</call></callLeg>`, `callEnd" x="%d"><call id="c"/>`} {
		record = strings.Replace(record, `x="%d"`, fmt.Sprintf(`time="2026-03-02T08:00:00Z" correlatorIndex="%d"`, index), 1)
		require.Equal(t, http.StatusOK, rig.post("/cdr", `<records session="s"><record type="`+record+`</record></records>`).Code)
	}
	rig.receiver.scan(t.Context())
	rig.now = right
	require.Equal(t, http.StatusOK, rig.post("/cdr", `<records session="s"><record type="x" time="2026-03-02T08:00:00Z" correlatorIndex="3"><x/></record></records>`).Code)
	rig.wait("5s")
	_, incomplete := rig.countSpans()
	require.Equal(t, map[string]map[string]int{"call_ended": {"call_leg": 1}}, incomplete)
}

// TestShutdownWithRefusals checks that, if spans are refused at shutdown, the number of
// entities that are lost is logged.
func TestShutdownWithRefusals(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	rig.refuse = func(string) error { return errors.New("queue is full") }
	rig.receiver.closeAtShutdown(t.Context())
	lost := rig.warnings.FilterMessageSnippet("Lost the entities that were open at shutdown").All()
	require.Len(t, lost, 1)
	require.EqualValues(t, 1, lost[0].ContextMap()["open"])
}

// manyOpenLegs returns a document that opens more legs than two parts of a closing have.
func manyOpenLegs() string {
	var body strings.Builder
	body.WriteString(`<records session="s">`)
	for n := range 2*sliceItems + 1 {
		fmt.Fprintf(&body, `<record type="callLegStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><callLeg id="%d"/></record>`, n, n)
	}
	return body.String() + `</records>`
}

// TestShutdownInALittleTime checks that all entities are closed at shutdown, also if less time is
// left than closePlanned requires between two parts, because nothing continues afterwards.
func TestShutdownInALittleTime(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr", manyOpenLegs()).Code)
	ctx, cancel := context.WithTimeout(t.Context(), rig.receiver.deliveryTimeout()/10)
	defer cancel()
	rig.receiver.closeAtShutdown(ctx)
	require.Equal(t, 2*sliceItems+1, rig.traces.SpanCount())
	require.Empty(t, rig.warnings.All())
}

// TestClosedInParts checks that many entities that are closed at once are delivered
// in several payloads.
func TestClosedInParts(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr", manyOpenLegs()).Code)
	rig.wait("24h1s")
	require.Len(t, rig.traces.AllTraces(), 3)
	require.Equal(t, 2*sliceItems+1, rig.traces.SpanCount())
}

// TestRefusedIsNotSilent checks that no entity of a Call Bridge expires while its documents
// are refused, and that none is incomplete once they are accepted.
func TestRefusedIsNotSilent(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	end := strings.NewReplacer("callStart", "callEnd", `correlatorIndex="0"`, `correlatorIndex="1"`).Replace(oneCall)
	rig.refuse = func(signal string) error {
		if signal == "logs" {
			return errors.New("queue is full")
		}
		return nil
	}
	for range 25 * 12 {
		require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", end).Code)
		rig.wait("5m")
		require.Zero(t, rig.traces.SpanCount())
	}
	rig.refuse = nil
	rig.wait("5s")
	require.Equal(t, http.StatusOK, rig.post("/cdr", end).Code)
	complete, incomplete := rig.countSpans()
	require.Equal(t, map[string]int{"call": 1}, complete)
	require.Empty(t, incomplete)
}

// TestOneSystemIDForACluster checks that a receiver URI that all Call Bridges of a
// cluster share causes no false restart, even if first documents lack the callBridge.
func TestOneSystemIDForACluster(t *testing.T) {
	rig := newRig(t, nil)
	document := func(session, bridge string, index int) string {
		if bridge != "" {
			bridge = ` callBridge="` + bridge + `"`
		}
		return fmt.Sprintf(`<records session="%s"%s><record type="callStart" time="2026-03-02T08:00:%02dZ" correlatorIndex="%d">`+
			`<call id="%s %d"/></record></records>`, session, bridge, index, index, session, index)
	}
	for _, body := range []string{
		document("a", "", 0), document("a", "A", 1), document("b", "", 0), document("b", "B", 1), document("a", "A", 2),
	} {
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cluster", body).Code)
	}
	require.Zero(t, rig.traces.SpanCount())
	require.Zero(t, rig.warnings.Len())
	require.Zero(t, int(rig.sum("cisco.cms.call_bridge.restarts")))
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cluster", document("a2", "A", 3)).Code)
	require.Equal(t, 3, rig.traces.SpanCount())
	require.Equal(t, 1, int(rig.sum("cisco.cms.call_bridge.restarts")))
	// A callBridge that changes does not move the session to another source.
	for n := range 50 {
		require.Equal(t, http.StatusOK, rig.post("/cdr", document("b", fmt.Sprint(n), n+2)).Code)
	}
	require.Len(t, rig.receiver.sessions.histories, 2)
}

// TestScanBetweenRefusals checks that a scan between a refused document and its
// resend does not change the result of the document.
func TestScanBetweenRefusals(t *testing.T) {
	rig := newRig(t, nil)
	document := func(session, bridge string, index int) string {
		return fmt.Sprintf(`<records session="%s"%s><record type="callStart" time="2026-03-02T08:00:0%dZ" correlatorIndex="%d">`+
			`<call id="%s %d"/></record></records>`, session, bridge, index, index, session, index)
	}
	require.Equal(t, http.StatusOK, rig.post("/cdr", document("before", ` callBridge="X"`, 0)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", document("after", "", 1)).Code)
	rig.refuse = func(string) error { return errors.New("queue is full") }
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", document("after", ` callBridge="X"`, 2)).Code)
	rig.refuse = nil
	rig.wait("11m")
	require.Equal(t, http.StatusOK, rig.post("/cdr", document("after", ` callBridge="X"`, 2)).Code)
	require.Equal(t, 1, int(rig.sum("cisco.cms.call_bridge.restarts")))
	require.Equal(t, 1, rig.traces.SpanCount())
}

// TestRestartOfAnUnnamedServer checks that, if only the address identifies a source, a call
// does not join a meeting in which an earlier session of the source has an open call. That
// call stays open, because the new session does not replace the earlier one.
func TestRestartOfAnUnnamedServer(t *testing.T) {
	rig := newRig(t, nil)
	call := func(session, recordType, id string, index int) string {
		return fmt.Sprintf(`<records session="%s"><record type="%s" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><call id="%s">`+
			`<callCorrelator>c0221a70-0000-4000-8000-000000000001</callCorrelator></call></record></records>`, session, recordType, index, id)
	}
	const first, second = "ca110000-0000-4000-8000-000000000001", "ca110000-0000-4000-8000-000000000002"
	for _, document := range []string{call("before", "callStart", first, 0), call("after", "callStart", second, 0), call("after", "callEnd", second, 1)} {
		require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
	}
	span := rig.traces.AllTraces()[0].ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
	require.Equal(t, "ca110000000040008000000000000002", span.TraceID().String())
	require.True(t, span.ParentSpanID().IsEmpty())
}

// TestManyEvictions checks that a document that opens many more legs than max_open
// allows leaves at most that many open, and that each evicted leg has one span. It does not
// check the cost: evictions sort the open legs once for each slice, not once for each leg.
func TestManyEvictions(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.MaxOpen = 2000 })
	var body strings.Builder
	body.WriteString(`<records session="s">`)
	for n := range 10_000 {
		fmt.Fprintf(&body, `<record type="callLegStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><callLeg id="%d"/></record>`, n, n)
	}
	body.WriteString(`</records>`)
	require.Equal(t, http.StatusOK, rig.post("/cdr", body.String()).Code)
	require.LessOrEqual(t, rig.receiver.openCounts.legs.Load(), int64(2000))
	require.EqualValues(t, 10_000-rig.receiver.openCounts.legs.Load(), rig.traces.SpanCount())
}

// TestClosedWhereCounted checks that the entities of a session whose document with a
// new source was refused are closed in the series of the old source.
func TestClosedWhereCounted(t *testing.T) {
	rig := newRig(t, nil)
	call := func(session, bridge string, index int) string {
		return fmt.Sprintf(`<records session="%s"%s><record type="callStart" time="2026-03-02T08:00:0%dZ" correlatorIndex="%d">`+
			`<call id="%s %d"/></record></records>`, session, bridge, index, index, session, index)
	}
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", call("a", "", 0)).Code)
	rig.refuse = func(string) error { return errors.New("queue is full") }
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr?system_id=cms1", call("a", ` callBridge="A"`, 1)).Code)
	rig.refuse = nil
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", call("b", "", 2)).Code)
	require.Equal(t, map[string]int{"cms1": 1}, rig.bySource("cisco.cms.call.active"))
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", call("a", ` callBridge="A"`, 1)).Code)
	require.Equal(t, map[string]int{"cms1": 1, "A": 1}, rig.bySource("cisco.cms.call.active"))
}

// legUpdate returns a document with a callLegUpdate of that index and content.
func legUpdate(index int, content string) string {
	return fmt.Sprintf(`<records session="s"><record type="callLegUpdate" time="2026-03-02T08:00:00Z" correlatorIndex="%d">%s</record></records>`, index, content)
}

// TestNoSessionIsNoRestart checks that a document without a session id, which is malformed,
// does not close the calls of its Call Bridge.
func TestNoSessionIsNoRestart(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", oneCall).Code)
	_, records, _ := strings.Cut(oneCall, "<record ")
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", "<records><record "+records).Code)
	require.Zero(t, rig.traces.SpanCount())
	require.Equal(t, 1, rig.onlySession().state.OpenCount())
}

// TestLostEnd checks that, after an unreadable or missing record, which may have been the
// end of a leg, the open legs that have only earlier records expire once they are due, even
// if the next search of the session for due entities was planned for later.
func TestLostEnd(t *testing.T) {
	for name, document := range map[string]string{
		"unreadable": legUpdate(2, `<callLeg id="a"`), "missing": legUpdate(3, `<callLeg id="b"/>`),
	} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, nil)
			require.Equal(t, http.StatusOK, rig.post("/cdr", legUpdate(0, `<callLeg id="a"/>`)).Code)
			rig.wait("23h")
			require.Equal(t, http.StatusOK, rig.post("/cdr", legUpdate(1, `<callLeg id="b"/>`)).Code)
			rig.wait("2h") // no leg is due, and none will be for 22 hours unless a record is lost
			require.Zero(t, rig.traces.SpanCount())
			require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
			rig.wait("1m")
			_, incomplete := rig.countSpans()
			require.Equal(t, map[string]map[string]int{"expired": {"call_leg": 1}}, incomplete)
		})
	}
}

// TestVerdictChangesWhileWaiting checks that the entities of a predecessor are not closed at once
// if a document of it, for which the new session waits, puts the replacement in doubt.
func TestVerdictChangesWhileWaiting(t *testing.T) {
	rig := newRig(t, nil)
	synctest.Test(t, func(t *testing.T) {
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", callStartAt("a", "08:00:00", 0)).Code)
		rig.refuse = func(signal string) error {
			if signal == signalLogs {
				time.Sleep(time.Second)
			}
			return nil
		}
		go rig.post("/cdr?system_id=cms1", callStartAt("a", "08:20:00", 1))
		synctest.Wait()
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", callStartAt("b", "08:10:00", 0)).Code)
	})
	require.Zero(t, rig.traces.SpanCount(), "the calls of session a are closed although the replacement is in doubt")
	require.Equal(t, 2, rig.receiver.sessions.byID["a"].state.CallCount())
}
