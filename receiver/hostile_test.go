package cmscdrreceiver

import (
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// newQuietRig returns a rig that keeps no log records and spans, so that memory in use
// is the receiver's own.
func newQuietRig(t *testing.T) *rig {
	t.Helper()
	rig := newRig(t, nil)
	rig.receiver.nextLogs, rig.receiver.nextTraces = consumertest.NewNop(), consumertest.NewNop()
	return rig
}

// heapSize returns the bytes in use on the heap after garbage collection.
func heapSize() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// TestStateHoldsNoDocument checks that strings kept from a record are cloned. One
// string that is not cloned would keep its whole document in memory for as long as
// its entity, session or series exists.
func TestStateHoldsNoDocument(t *testing.T) {
	rig := newQuietRig(t)
	const documents, size = 24, 1 << 20
	reasons := []string{"error", "timeout", "callEnded", "remoteTeardown", "callMoved", "dnsFailure"}
	padding := "<!-- " + strings.Repeat("x", size) + " -->"
	before := heapSize()
	for i := range documents {
		body := fmt.Sprintf(`<records session="5e550000-0000-4000-8000-000000000001" callBridge="b71d9e00-0000-4000-8000-%012d">`+
			`<record type="callLegStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><callLeg id="1e900000-0000-4000-8000-%012d">`+
			`<type>sip</type><direction>incoming</direction><displayName>Room %d</displayName><news>%d</news><call>ca110000-0000-4000-8000-%012d</call></callLeg></record>%s`+
			`<record type="callLegEnd" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><callLeg id="1e900000-0000-4000-9000-%012d"><reason>%s</reason></callLeg></record>`+
			`<record type="recordingStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><recording id="9ec00000-0000-4000-8000-%012d"><path>a/%d</path></recording></record>`+
			`<record type="callStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><call id="ca110000-0000-4000-8000-%012d"><name>Ward %d</name></call></record></records>`,
			i%3, 4*i, i, i, i, i, padding, 4*i+1, i, reasons[i%len(reasons)], 4*i+2, i, i, 4*i+3, i, i)
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", body).Code)
	}
	require.EqualValues(t, documents, rig.receiver.openCounts.legs.Load())
	require.EqualValues(t, documents, rig.receiver.openCounts.calls.Load())
	used := int64(heapSize()) - int64(before)
	require.Less(t, used, int64(size/2), "no document may stay in memory: %d documents of %d bytes each were posted", documents, size)
	runtime.KeepAlive(rig)
	runtime.KeepAlive(padding) // so that it is in both measurements
}

// TestNamesDoNotMultiply checks that the memory that is allocated for a document is
// proportional to the document's size, even if a document with a long session id or
// callBridge has many records, or an element with a long name has many elements in it.
// It also checks that an open leg keeps no long display name.
func TestNamesDoNotMultiply(t *testing.T) {
	long := strings.Repeat("n", 100<<10)
	leaves := strings.Repeat("<x>1</x>", 4000)
	var records strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&records, `<record type="a" time="2026-03-02T08:00:00Z" correlatorIndex="%d"/>`, i)
	}
	leg := func(id, content string) string {
		return `<records session="s"><record type="callLegStart" time="2026-03-02T08:00:00Z" correlatorIndex="0"><callLeg id="` + id + `">` +
			content + `</callLeg></record></records>`
	}
	for name, body := range map[string]string{
		"session":      `<records session="` + long + `">` + records.String() + `</records>`,
		"callBridge":   `<records session="s" callBridge="` + long + `">` + records.String() + `</records>`,
		"element name": leg("x", "<"+long+">"+leaves+"</"+long+">"),
		"id":           leg(long, ""),
		"text":         leg("x", "<displayName>"+long+"</displayName>"),
	} {
		t.Run(name, func(t *testing.T) {
			rig := newQuietRig(t)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			require.Equal(t, http.StatusOK, rig.post("/cdr", body).Code)
			runtime.ReadMemStats(&after)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64*len(body)+(2<<20)), "allocations must be proportional to the document of %d bytes", len(body))
			for _, session := range rig.receiver.sessions.all() {
				for entity := range session.state.Open() {
					leg := entity.(*correlate.Leg)
					require.Less(t, len(leg.DisplayName), 2000)
					require.LessOrEqual(t, len(leg.Extra), 32)
				}
			}
		})
	}
}

// TestLongSessionID checks that a document whose session id is too long is kept as a
// malformed document.
func TestLongSessionID(t *testing.T) {
	rig := newRig(t, nil)
	body := strings.Replace(oneCall, "5e550000", strings.Repeat("5e550000", 20), 1)
	for range 2 {
		require.Equal(t, http.StatusOK, rig.post("/cdr", body).Code)
	}
	require.Equal(t, 1, rig.logs.LogRecordCount(), "a resend must not be emitted again")
	require.Zero(t, rig.receiver.sessions.count())
	event := rig.logs.AllLogs()[0].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
	require.Equal(t, "cisco.cms.document.malformed", event.EventName())
	require.Equal(t, body, event.Body().Str())
}

// TestShutdownDuringABody checks that a client that announces a document and does not
// send it is disconnected at the delivery timeout, so that the shutdown ends.
func TestShutdownDuringABody(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	cfg.HTTP.WriteTimeout = 500 * time.Millisecond
	r := create(t, cfg, "logs")
	r.start(t)
	conn, err := net.Dial("tcp", cfg.HTTP.NetAddr.Endpoint)
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprint(conn, "POST /cdr HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n")
	require.NoError(t, err)
	_, err = conn.Read(make([]byte, 100)) // 100 Continue: the handler is reading
	require.NoError(t, err)
	require.ErrorContains(t, r.signals[0].Shutdown(t.Context()), "deadline exceeded")
	require.Zero(t, r.logs.LogRecordCount())
}
