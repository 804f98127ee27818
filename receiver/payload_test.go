package cmscdrreceiver

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// largeText is longer than the text of an attribute may be.
var largeText = strings.Repeat("long ", 400)

// largeLegs returns a document for each leg in [from, to). The legs have all texts except the
// call, longer than the limit, many unknown elements, and more updates than a span has events.
func largeLegs(from, to int) (documents []string) {
	index := 0
	for n := from; n < to; n++ {
		var body strings.Builder
		body.WriteString(`<records session="s" callBridge="b71d9e00-0000-4000-8000-00000000000a">`)
		record := func(recordType, content string) {
			fmt.Fprintf(&body, `<record type="%s" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><callLeg id="1e900000-0000-4000-8000-%012d">%s</callLeg></record>`,
				recordType, from*1000+index, n, content)
			index++
		}
		texts := func(version int) string {
			var all strings.Builder
			for _, name := range []string{
				"displayName", "localAddress", "remoteAddress", "remoteParty", "ownerId", "sipCallId", "groupId", "cdrTag",
				"replacesSipCallId", "movedCallLeg", "movedCallLegCallBridge", "confirmationStatus", "type", "subType", "lyncSubType", "direction",
			} {
				fmt.Fprintf(&all, "<%s>%d %s</%s>", name, version, largeText, name)
			}
			return all.String()
		}
		var extras strings.Builder
		for i := range 40 {
			fmt.Fprintf(&extras, "<extra%d>%s</extra%d>", i, largeText, i)
		}
		record("callLegStart", texts(0)+extras.String())
		for update := range 140 {
			record("callLegUpdate", texts(update+1))
		}
		body.WriteString(`</records>`)
		documents = append(documents, body.String())
	}
	return documents
}

// TestLargePayloads checks that no payload exceeds translate.MaxPayload when many large legs
// start, end, expire, are evicted, or are closed by a restart or at shutdown.
func TestLargePayloads(t *testing.T) {
	const legs = 60
	closings := map[string]func(*rig){
		"ends in one document": func(rig *rig) {
			var body strings.Builder
			body.WriteString(`<records session="s" callBridge="b71d9e00-0000-4000-8000-00000000000a">`)
			for n := range legs {
				fmt.Fprintf(&body, `<record type="callLegEnd" time="2026-03-02T09:00:00Z" correlatorIndex="%d"><callLeg id="1e900000-0000-4000-8000-%012d">`+
					`<reason>%s</reason><reasonDetails>%s</reasonDetails></callLeg></record>`, 100_000+n, n, largeText, largeText)
			}
			require.Equal(t, http.StatusOK, rig.post("/cdr", body.String()+`</records>`).Code)
		},
		"a restart": func(rig *rig) {
			require.Equal(t, http.StatusOK, rig.post("/cdr", strings.Replace(oneCall, `<records`, `<records callBridge="b71d9e00-0000-4000-8000-00000000000a"`, 1)).Code)
		},
		"eviction": func(rig *rig) {
			require.Equal(t, http.StatusOK, rig.post("/cdr", openLegsDocument("s", 100_000, legs)).Code)
		},
		"expiry":   func(rig *rig) { rig.wait("25h") },
		"shutdown": func(rig *rig) { rig.receiver.closeAtShutdown(t.Context()) },
	}
	for name, closeLegs := range closings {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, func(cfg *Config) { cfg.IncludeOriginal, cfg.MaxOpen = true, legs })
			pipelines := newFakePipelines(rig, nil)
			for _, document := range largeLegs(0, legs) {
				require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
			}
			require.LessOrEqual(t, pipelines.largest, translate.MaxPayload)
			pipelines.largest = 0 // from here on only the payloads of the closing count
			closeLegs(rig)
			require.Equal(t, legs, rig.traces.SpanCount())
			require.LessOrEqual(t, pipelines.largest, translate.MaxPayload)
			require.Greater(t, pipelines.largest, translate.MaxPayload/2, "a payload must be larger than half of the limit")
		})
	}
}

// TestManyAreClosed checks a restart of a Call Bridge with 10,000 open legs, some of
// whose spans are refused at first.
func TestManyAreClosed(t *testing.T) {
	rig := newRig(t, nil)
	calls := 0
	pipelines := newFakePipelines(rig, func(signal string, _ []string, _ int) error {
		if signal == signalTraces {
			if calls++; calls%5 == 0 {
				return errors.New("queue is full")
			}
		}
		return nil
	})
	var body strings.Builder
	body.WriteString(`<records session="s">`)
	for n := range 10_000 {
		fmt.Fprintf(&body, `<record type="callLegStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><callLeg id="%d"><displayName>%s</displayName></callLeg></record>`, n, n, largeText[:900])
	}
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", body.String()+`</records>`).Code)
	tries := 0
	for rig.post("/cdr?system_id=cms1", oneCall).Code != http.StatusOK {
		tries++
		require.Less(t, tries, 10)
	}
	require.Positive(t, tries)
	require.LessOrEqual(t, pipelines.largest, translate.MaxPayload)
	_, incomplete := rig.countSpans()
	require.Equal(t, 10_000, rig.traces.SpanCount())
	require.Equal(t, 10_000, incomplete["call_bridge_restart"]["call_leg"])
}

// TestHostileRecords checks that the log record of a record of nearly maximum size fits in a
// payload, even if most of its bytes are replaced by U+FFFD, which has three bytes, and that
// larger records are truncated.
func TestHostileRecords(t *testing.T) {
	recordFormat := `<record type="callLegEnd" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><callLeg id="x"><reason>%s</reason></callLeg></record>`
	fill := func(unit string, size int) string { return strings.Repeat(unit, size/len(unit)) }
	for name, c := range map[string]struct {
		text      string
		truncated bool
	}{
		"control characters":            {fill("\x01", cdr.MaxRecord-200), false},
		"invalid UTF-8":                 {fill("\xffa", cdr.MaxRecord-200), false},
		"plain":                         {fill("a", cdr.MaxRecord-200), false},
		"too large":                     {fill("a", cdr.MaxRecord), true},
		"too large, control characters": {fill("\x01", 3*cdr.MaxRecord), true},
		"too large, multibyte":          {fill("€", 3*cdr.MaxRecord), true},
		"much too large":                {fill("a", 5<<20), true},
	} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, func(cfg *Config) { cfg.IncludeOriginal = true })
			pipelines := newFakePipelines(rig, nil)
			body := `<records session="s">` + fmt.Sprintf(recordFormat, 0, "ok") + fmt.Sprintf(recordFormat, 1, c.text) + fmt.Sprintf(recordFormat, 2, "ok") + `</records>`
			require.Equal(t, http.StatusOK, rig.post("/cdr", body).Code)
			require.LessOrEqual(t, pipelines.largest, translate.MaxPayload)
			require.Equal(t, 4, rig.logs.LogRecordCount(), "there must be three records, the start of the session and no gap")
			hostileRecord := rig.logs.AllLogs()[0].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(2)
			truncated, marked := hostileRecord.Attributes().Get("cisco.cms.document.truncated")
			require.Equal(t, c.truncated, marked && truncated.Bool())
			if c.truncated {
				size, _ := hostileRecord.Attributes().Get("cisco.cms.document.size")
				require.EqualValues(t, len(fmt.Sprintf(recordFormat, 1, c.text)), size.Int())
				kept := len(hostileRecord.Body().Str()) // 0 if the body is not valid UTF-8
				require.LessOrEqual(t, kept, cdr.MaxRecord)
				require.Greater(t, kept, cdr.MaxRecord-len("€"), "the body must end with the last character that fits")
			}
		})
	}
}
