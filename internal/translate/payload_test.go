package translate

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/sequence"
)

// TestMaxEncodedSize checks that the upper bound of the size of attributes holds for numbers and
// texts.
func TestMaxEncodedSize(t *testing.T) {
	var marshaler plog.ProtoMarshaler
	a := newAttributes()
	for n := range 50 {
		a.int(fmt.Sprint("a", n), math.MinInt64)
		a.text(fmt.Sprint("b", n), strings.Repeat("x", 20*n+1))
	}
	bound := a.maxEncodedSize()
	record := plog.NewLogRecord()
	a.writeTo(record.Attributes())
	require.Equal(t, 100, record.Attributes().Len())
	require.LessOrEqual(t, marshaler.LogRecordSize(record), bound)
}

// TestMaxSize checks that no log record exceeds its upper bound.
func TestMaxSize(t *testing.T) {
	deep := strings.Repeat("<a><b>", 12) + strings.Repeat("</b></a>", 12)
	contents := []string{
		"", "<x/>", strings.Repeat("<x/>", 1000), strings.Repeat("<x/><y/>", 500), deep, strings.Repeat(deep, 40),
		"<durationSeconds>9007199254740991</durationSeconds><remoteTeardown>true</remoteTeardown>",
		"<mediaUsagePercentages><mainVideoViewer>0</mainVideoViewer></mediaUsagePercentages>",
		"text <x/> between <x/>", "<displayName>\x01\x02\x03\xff\xfe</displayName>", `<alarm type="packetLoss" durationPercentage="1"/>`,
		"<displayName>" + strings.Repeat("é", 20_000) + "</displayName>",
	}
	require.Len(t, contents, 12)
	for _, original := range []bool{false, true} {
		l := NewLogs(Scope("1.2.3"), pcommon.NewResource(), strings.Repeat("s", cdr.MaxID), time.Unix(1e9, 0), original, func(string) bool { return false })
		checkBound := func(write func()) {
			before := l.maxSize
			write()
			var marshaler plog.ProtoMarshaler
			require.LessOrEqual(t, marshaler.LogRecordSize(l.records.At(l.Len()-1))+itemOverhead, l.maxSize-before)
		}
		tx := correlate.NewSession("s", meeting.New(), correlate.Limits{MaxOpen: 1000, Expire: time.Hour}).Begin("cms1", time.Now())
		index := uint64(1 << 40)
		for _, kind := range []string{"callLegStart", "callLegEnd", "callStart", "callSummary"} {
			for _, text := range contents {
				index++
				element := map[string]string{"callStart": "call"}[kind]
				if element == "" {
					element = "callLeg"
				}
				doc, err := cdr.Open(fmt.Sprintf(`<records><record type="%s" time="2026-03-02T08:00:00Z" recordIndex="9007199254740991" correlatorIndex="%d" a="1">`+
					`<%s id="ca110000-0000-4000-8000-000000000001">%s</%s></record></records>`, kind, index, element, text, element))
				require.NoError(t, err)
				for record, malformed := range doc.Records() {
					require.Nil(t, malformed)
					effect := tx.Apply(record)
					checkBound(func() { l.Record(record, &effect) })
					checkBound(func() { l.SessionStart(record, SessionInfo{PreviousID: "r", Address: "192.0.2.1"}) })
					checkBound(func() { l.Gap(record, []sequence.Range{{First: 1 << 60, Last: 1 << 62}}) })
				}
			}
		}
		for _, bytes := range []string{"", "x", strings.Repeat("\xff", cdr.MaxRecord)} {
			checkBound(func() { l.Malformed("uid", &cdr.Malformed{Bytes: bytes, Size: 1 << 40, Err: fmt.Errorf("bad")}) })
		}
		require.Equal(t, 3*4*len(contents)+3, l.Len())
	}
}
