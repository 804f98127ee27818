package cmscdrreceiver

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
)

// measureOpenLegs opens that many legs, twenty per call, each with the fields of a SIP leg
// that joined its call, and returns the bytes in use per leg. All records are of one
// Call Bridge.
func measureOpenLegs(t testing.TB, legs int) float64 {
	t.Helper()
	rig := newRig(t, nil)
	rig.receiver.nextLogs, rig.receiver.nextTraces = consumertest.NewNop(), consumertest.NewNop()
	before := heapSize()
	index := 0
	for first := 0; first < legs; first += 20 {
		var body strings.Builder
		body.WriteString(`<records session="5e550000-0000-4000-8000-000000000001" callBridge="b71d9e00-0000-4000-8000-00000000000a">`)
		record := func(recordType, content string) {
			fmt.Fprintf(&body, `<record type="%s" time="2026-03-02T08:00:00Z" correlatorIndex="%d">%s</record>`, recordType, index, content)
			index++
		}
		call := fmt.Sprintf("ca110000-0000-4000-8000-%012d", first/20)
		record("callStart", fmt.Sprintf(`<call id="%s"><name>Ward %d</name><callType>coSpace</callType><coSpace>c05bace0-0000-4000-8000-%012d</coSpace>`+
			`<callCorrelator>c0221a70-0000-4000-8000-%012d</callCorrelator></call>`, call, first, first, first))
		for n := first; n < first+20; n++ {
			leg := fmt.Sprintf("1e900000-0000-4000-8000-%012d", n)
			repeatedFields := fmt.Sprintf(`<sipCallId>b8a81da5-c24c-43db-ba58-%012d</sipCallId><groupId>62000000-0000-4000-8000-%012d</groupId>`, n, n)
			record("callLegStart", fmt.Sprintf(`<callLeg id="%s"><displayName>Operating theatre %d</displayName><localAddress>70012@meet.example.com</localAddress>`+
				`<remoteAddress>sip:theatre%d@rooms.example.com</remoteAddress><remoteParty>sip:theatre%d@rooms.example.com</remoteParty>`+
				`<type>sip</type><direction>incoming</direction><canMove>true</canMove>%s</callLeg>`, leg, n, n, n, repeatedFields))
			record("callLegUpdate", fmt.Sprintf(`<callLeg id="%s"><state>connected</state><ivr/>%s</callLeg>`, leg, repeatedFields))
			record("callLegUpdate", fmt.Sprintf(`<callLeg id="%s"><state>connected</state><deactivated>false</deactivated><call>%s</call>%s</callLeg>`, leg, call, repeatedFields))
		}
		body.WriteString(`</records>`)
		require.Equal(t, http.StatusOK, rig.post("/cdr", body.String()).Code)
	}
	require.EqualValues(t, legs, rig.receiver.openCounts.legs.Load())
	used := float64(heapSize()) - float64(before)
	estimate := float64(rig.receiver.sessions.usedBytes.Load())
	require.InDelta(t, 1, estimate/used, 0.4, "the estimate of %.0f bytes must be close to the %.0f bytes in use", estimate, used)
	runtime.KeepAlive(rig)
	return used / float64(legs)
}

// maxLegSize limits the bytes that an open leg uses, including its share of its call.
const maxLegSize = 1536

// TestOpenLegsAreSmall checks that an open leg uses less than maxLegSize.
func TestOpenLegsAreSmall(t *testing.T) {
	require.Less(t, measureOpenLegs(t, 20_000), float64(maxLegSize))
}

// BenchmarkOpenLegs reports the bytes that each of 100,000 open legs uses.
func BenchmarkOpenLegs(b *testing.B) {
	for b.Loop() {
		bytes := measureOpenLegs(b, 100_000)
		require.Less(b, bytes, float64(maxLegSize))
		b.ReportMetric(bytes, "bytes/leg")
	}
}
