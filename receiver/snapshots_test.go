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
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// openCallsDocument returns a document that opens calls in the session, each with the given
// number of legs. text is the length of each text of a leg.
func openCallsDocument(session string, calls, legs, text int) string {
	var body strings.Builder
	fmt.Fprintf(&body, `<records session="%s">`, session)
	index := 0
	record := func(recordType, content string, args ...any) {
		fmt.Fprintf(&body, `<record type="%s" time="2026-03-02T08:00:00Z" correlatorIndex="%d">`, recordType, index)
		fmt.Fprintf(&body, content+`</record>`, args...)
		index++
	}
	for call := range calls {
		record("callStart", `<call id="%s call %d"><name>Ward %d</name></call>`, session, call, call)
		for leg := range legs {
			record("callLegStart", `<callLeg id="%s leg %d %d"><displayName>%s</displayName><remoteParty>%[4]s</remoteParty><direction>%[4]s</direction><call>%[1]s call %[2]d</call></callLeg>`,
				session, call, leg, strings.Repeat("x", text))
		}
	}
	return body.String() + `</records>`
}

// snapshots returns the emitted snapshots by call.
func (r *rig) snapshots() map[string][]plog.LogRecord {
	byCall := map[string][]plog.LogRecord{}
	eachLogRecord(r, func(record plog.LogRecord) {
		if record.EventName() == "cisco.cms.call.snapshot" {
			call, _ := record.Attributes().Get("cisco.cms.call.id")
			byCall[call.Str()] = append(byCall[call.Str()], record)
		}
	})
	return byCall
}

// intAttribute returns an integer attribute, which must exist.
func intAttribute(t *testing.T, record plog.LogRecord, key string) int {
	t.Helper()
	value, ok := record.Attributes().Get(key)
	require.True(t, ok, key)
	return int(value.Int())
}

// TestSnapshotInterval checks that a snapshot of an open call is emitted after each interval
// until the ticker of the snapshots is stopped.
func TestSnapshotInterval(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Snapshots.Interval = 30 * time.Second })
	synctest.Test(t, func(t *testing.T) {
		rig.receiver.clock = time.Now
		require.Equal(t, http.StatusOK, rig.post("/cdr", strings.ReplaceAll(oneCall, "2026-03-02T08:00:00Z", time.Now().Format(time.RFC3339))).Code)
		rig.receiver.startSnapshots()
		start := time.Now()
		time.Sleep(95 * time.Second)
		synctest.Wait()
		rig.receiver.snapshots.stop()
		time.Sleep(time.Hour)
		records := rig.snapshots()["ca110000-0000-4000-8000-000000000001"]
		require.Len(t, records, 3)
		for i, record := range records {
			require.Equal(t, time.Duration(i+1)*30*time.Second, record.Timestamp().AsTime().Sub(start))
			require.Equal(t, (i+1)*30, intAttribute(t, record, "cisco.cms.call.duration"))
		}
	})
}

// TestNoSnapshots checks that no snapshots are taken without an interval or without a
// logs pipeline, and that only an interval without a logs pipeline is logged.
func TestNoSnapshots(t *testing.T) {
	cases := map[string]struct {
		interval time.Duration
		logs     bool
		warnings int
	}{
		"off":          {0, true, 0},
		"off, no logs": {0, false, 0},
		"set, no logs": {30 * time.Second, false, 1},
	}
	require.Len(t, cases, 3)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, func(cfg *Config) { cfg.Snapshots.Interval = c.interval })
			if !c.logs {
				rig.receiver.nextLogs = nil
			}
			rig.receiver.startSnapshots()
			require.Nil(t, rig.receiver.snapshots)
			require.Equal(t, c.warnings, rig.warnings.FilterMessageSnippet("no logs pipeline").Len())
		})
	}
}

// TestLargeSnapshots checks that each call has one snapshot with the number of its legs, and
// that no payload exceeds translate.MaxPayload with many legs or long texts.
func TestLargeSnapshots(t *testing.T) {
	// listed is the number of legs that a snapshot lists, 0 if the size of a payload
	// limits it. payloads is the minimum number of payloads.
	cases := map[string]struct{ calls, legs, text, listed, payloads int }{
		"a large call":                   {1, 2000, 10, 500, 1},
		"a large call of long texts":     {1, 2000, 1000, 0, 1},
		"many calls":                     {300, 10, 10, 10, 1},
		"many large calls of long texts": {8, 300, 1000, 0, 8},
	}
	require.Len(t, cases, 4)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, nil)
			require.Equal(t, http.StatusOK, rig.post("/cdr", openCallsDocument("s", c.calls, c.legs, c.text)).Code)
			rig.logs.Reset()
			rig.receiver.snapshot(t.Context())
			require.GreaterOrEqual(t, len(rig.logs.AllLogs()), c.payloads)
			var size plog.ProtoMarshaler
			for _, payload := range rig.logs.AllLogs() {
				require.LessOrEqual(t, size.LogsSize(payload), translate.MaxPayload)
			}
			byCall := rig.snapshots()
			require.Len(t, byCall, c.calls)
			for call, records := range byCall {
				require.Len(t, records, 1, call)
				require.Equal(t, c.legs, intAttribute(t, records[0], "cisco.cms.call.legs.active"))
				require.Equal(t, c.legs, intAttribute(t, records[0], "cisco.cms.call.participants.active"))
				listed := records[0].Body().Slice().Len()
				if c.listed > 0 {
					require.Equal(t, c.listed, listed)
				} else {
					require.Greater(t, listed, 200)
				}
			}
		})
	}
}

// TestSnapshotRefused checks that refused snapshots are dropped and counted, and that they
// change neither the count of dropped items nor the component status.
func TestSnapshotRefused(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr", openCallsDocument("one", 3, 1, 1)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr", openCallsDocument("two", 2, 1, 1)).Code)
	dropped := func(name string) (n int64) {
		metric, err := rig.telemetry.GetMetric(name)
		require.NoError(t, err)
		for _, point := range pointsOf(t, metric) {
			n += point.Value
		}
		return n
	}
	require.Zero(t, dropped("otelcol_receiver_cms_cdr_dropped_snapshots"), "the series must begin at 0")
	rig.refuse = func(string) error { return errors.New("queue is full") }
	rig.receiver.snapshot(t.Context())
	require.EqualValues(t, 5, dropped("otelcol_receiver_cms_cdr_dropped_snapshots"))
	require.Zero(t, dropped("otelcol_receiver_cms_cdr_dropped_items"))
	require.Equal(t, 1, rig.warnings.Len(), "there must be one message for all snapshots")
	require.Empty(t, rig.receiver.status.refusals)
	rig.refuse = nil
	rig.receiver.snapshot(t.Context())
	require.Len(t, rig.snapshots(), 5)
	require.EqualValues(t, 5, dropped("otelcol_receiver_cms_cdr_dropped_snapshots"))
}

// TestSnapshotHoldsNoLock checks that a session processes documents while its snapshots are
// delivered, and that these snapshots have the state before the documents.
func TestSnapshotHoldsNoLock(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr", openCallsDocument("s", 1, 3, 1)).Code)
	callLegEnd := `<records session="s"><record type="callLegEnd" time="2026-03-02T08:00:01Z" correlatorIndex="4"><callLeg id="s leg 0 0"/></record></records>`
	posted := false
	rig.refuse = func(string) error {
		if !posted {
			posted = true
			require.Equal(t, http.StatusOK, rig.post("/cdr", callLegEnd).Code)
		}
		return nil
	}
	rig.receiver.snapshot(t.Context())
	require.True(t, posted)
	rig.receiver.snapshot(t.Context())
	records := rig.snapshots()["s call 0"]
	require.Len(t, records, 2)
	require.Equal(t, 3, intAttribute(t, records[0], "cisco.cms.call.legs.active"))
	require.Equal(t, 2, intAttribute(t, records[1], "cisco.cms.call.legs.active"))
}

// TestSnapshotOfBusySession checks that the calls of a session whose lock is held get no
// snapshots, and those of other sessions do.
func TestSnapshotOfBusySession(t *testing.T) {
	rig := newRig(t, nil)
	synctest.Test(t, func(t *testing.T) {
		require.Equal(t, http.StatusOK, rig.post("/cdr", openCallsDocument("busy", 1, 1, 1)).Code)
		require.Equal(t, http.StatusOK, rig.post("/cdr", openCallsDocument("free", 1, 1, 1)).Code)
		busy := rig.receiver.sessions.all()[0]
		require.Equal(t, "busy", busy.id)
		require.NoError(t, busy.acquire(t.Context()))
		start := time.Now()
		rig.receiver.snapshot(t.Context())
		require.Equal(t, snapshotWait, time.Since(start))
		busy.release()
	})
	require.Len(t, rig.snapshots(), 1)
	require.Contains(t, rig.snapshots(), "free call 0")
}

// TestSnapshotTimeout checks that a delivery of snapshots to a pipeline that blocks
// is cancelled.
func TestSnapshotTimeout(t *testing.T) {
	rig := newRig(t, nil)
	synctest.Test(t, func(t *testing.T) {
		require.Equal(t, http.StatusOK, rig.post("/cdr", openCallsDocument("s", 1, 1, 1)).Code)
		rig.receiver.nextLogs = logsFunc(func(ctx context.Context, _ plog.Logs) error {
			<-ctx.Done()
			return ctx.Err()
		})
		start := time.Now()
		rig.receiver.snapshot(t.Context())
		require.Equal(t, rig.receiver.deliveryTimeout(), time.Since(start))
	})
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("A pipeline refused snapshots").Len())
}

// TestSnapshotAfterRestart checks that the open calls of a replaced session are in no
// snapshot, even while they are kept open because the times of the new session are earlier.
func TestSnapshotAfterRestart(t *testing.T) {
	rig := newRig(t, nil)
	before := strings.ReplaceAll(openCallsDocument("before", 1, 1, 1), "08:00:00Z", "08:00:30Z")
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", before).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", openCallsDocument("after", 1, 1, 1)).Code)
	require.Equal(t, map[string]int{"before": 1, "after": 1}, rig.openLegsBySession(), "the entities of the replaced session must still be open")
	rig.receiver.snapshot(t.Context())
	require.Len(t, rig.snapshots(), 1)
	require.Contains(t, rig.snapshots(), "after call 0")
}

// TestSnapshotOfRestoredCalls checks that calls restored from storage have snapshots
// once their Call Bridges had time to send what they kept during the restart.
func TestSnapshotOfRestoredCalls(t *testing.T) {
	disk := newDisk()
	first := newRigOn(t, disk)
	require.Equal(t, http.StatusOK, first.post("/cdr", openCallsDocument("s", 2, 1, 1)).Code)
	second := newRigOn(t, disk)
	second.receiver.snapshot(t.Context())
	require.Empty(t, second.snapshots())
	second.wait("10m")
	second.receiver.snapshot(t.Context())
	require.Len(t, second.snapshots(), 2)
}

// TestSnapshotsOfSimulation checks that each open call and no other has a snapshot, and
// that it lists as many legs as it counts.
func TestSnapshotsOfSimulation(t *testing.T) {
	rig := newRig(t, nil)
	counts := rig.simulate(simulate.Config{Bridges: 6, Duration: 40 * time.Minute, Seed: 5})
	rig.receiver.snapshot(t.Context())
	legs, calls := 0, map[string]int{}
	for _, records := range rig.snapshots() {
		require.Len(t, records, 1)
		callType, _ := records[0].Attributes().Get("cisco.cms.call.type")
		calls[callType.Str()]++
		legs += intAttribute(t, records[0], "cisco.cms.call.legs.active")
		require.Equal(t, intAttribute(t, records[0], "cisco.cms.call.legs.active"), records[0].Body().Slice().Len())
	}
	require.Greater(t, len(calls), 1)
	require.Equal(t, counts.Open.Calls, calls)
	require.Greater(t, legs, 50)
	require.LessOrEqual(t, legs, int(rig.sum("cisco.cms.call_leg.active")))
}
