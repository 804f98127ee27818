package cmscdrreceiver

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/cmscdr/cmscdrreceiver/internal/translate"
)

// backlog returns a document of that many legs that start and end.
func backlog(legs int) string {
	var body strings.Builder
	body.WriteString(`<records session="s">`)
	for n := range legs {
		fmt.Fprintf(&body, `<record type="callLegStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><callLeg id="1e900000-0000-4000-8000-%012d">`+
			`<displayName>Room %d</displayName><direction>incoming</direction></callLeg></record>`, 2*n, n, n)
		fmt.Fprintf(&body, `<record type="callLegEnd" time="2026-03-02T08:10:00Z" correlatorIndex="%d"><callLeg id="1e900000-0000-4000-8000-%012d">`+
			`<reason>remoteTeardown</reason><durationSeconds>600</durationSeconds></callLeg></record>`, 2*n+1, n)
	}
	body.WriteString(`</records>`)
	return body.String()
}

// requireOnce fails unless each record of the backlog was emitted once and in order, and
// each leg has its span. except has the uids of log records that must not be emitted.
func (r *rig) requireOnce(t *testing.T, legs int, except ...string) {
	t.Helper()
	emitted, lastIndex := map[string]int{}, -1
	eachLogRecord(r, func(record plog.LogRecord) {
		uid, _ := record.Attributes().Get("log.record.uid")
		emitted[uid.Str()]++
		if index, ok := record.Attributes().Get("cisco.cms.record.correlator_index"); ok {
			require.Greater(t, int(index.Int()), lastIndex)
			lastIndex = int(index.Int())
		}
	})
	require.Len(t, emitted, 2*legs+1-len(except), "the records and the start of the session must be emitted")
	for uid, n := range emitted {
		require.Equal(t, 1, n, "%s must be emitted once", uid)
		require.NotContains(t, except, uid)
	}
	require.Equal(t, legs, r.traces.SpanCount())
	require.Zero(t, int(r.receiver.openCounts.legs.Load()))
}

// TestBacklog checks that all records and spans of a document that is much larger than
// translate.MaxPayload are delivered, in payloads that do not exceed it.
func TestBacklog(t *testing.T) {
	rig := newRig(t, nil)
	pipelines := newFakePipelines(rig, func(_ string, _ []string, size int) error {
		if size > 4<<20 {
			return consumererror.NewPermanent(grpcstatus.Error(codes.ResourceExhausted, "grpc: received message larger than max"))
		}
		return nil
	})
	require.Equal(t, http.StatusOK, rig.post("/cdr", backlog(8000)).Code)
	rig.requireOnce(t, 8000)
	require.LessOrEqual(t, pipelines.largest, translate.MaxPayload)
	require.Equal(t, 16_000, int(rig.sum("cisco.cms.record.received")))
	require.Zero(t, rig.warnings.Len())
}

// TestRefusedInTheMiddle checks that the slices committed before a refusal are not
// repeated, and that a resend continues after them.
func TestRefusedInTheMiddle(t *testing.T) {
	for _, signal := range []string{signalLogs, signalTraces} {
		t.Run(signal, func(t *testing.T) {
			rig := newRig(t, nil)
			calls := 0
			pipelines := newFakePipelines(rig, func(pipeline string, _ []string, _ int) error {
				if pipeline == signal {
					if calls++; calls%3 == 0 {
						return errors.New("queue is full")
					}
				}
				return nil
			})
			body, tries := backlog(2000), 0
			for rig.post("/cdr", body).Code != http.StatusOK {
				tries++
				require.Less(t, tries, 10)
			}
			require.Equal(t, 3, tries, "there must be eight slices, and every third call is refused")
			rig.requireOnce(t, 2000)
			require.Equal(t, 8+3, pipelines.calls[signal])
			require.Equal(t, 4000, int(rig.sum("cisco.cms.record.received")))
		})
	}
}

// TestReplacedCharactersAreCountedOnce checks that the replaced characters of records that were
// accepted are not counted again if their document is sent again, and that those of the start
// tag of <records> are not either.
func TestReplacedCharactersAreCountedOnce(t *testing.T) {
	rig := newRig(t, nil)
	refuseSecondPayload(rig, signalLogs)
	body := strings.NewReplacer("Room", "R\x01om", `session="s"`, "session=\"s\" site=\"\x01\"").Replace(backlog(500))
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", body).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr", body).Code)
	require.EqualValues(t, 1+500, rig.ownCounter("replaced_characters"))
	require.Equal(t, http.StatusOK, rig.post("/cdr", body).Code)
	require.EqualValues(t, 1+500, rig.ownCounter("replaced_characters"))
}

// TestMalformedBeforeTheFirstRecord checks that a session starts with its first record. The first
// slice of its document has only malformed parts and is committed; the second slice has the first
// record, is refused, and is accepted when the document is sent again.
func TestMalformedBeforeTheFirstRecord(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", oneCall).Code)
	calls := 0
	newFakePipelines(rig, func(string, []string, int) error {
		if calls++; calls == 3 { // the span of the call, the first slice, and the second one
			return errors.New("queue is full")
		}
		return nil
	})
	malformed := strings.Repeat(`<record><callLeg id="c"/></record>`, sliceBytes/30)
	document := `<records session="next">` + malformed + `<record type="callStart" time="2026-03-02T09:00:00Z" correlatorIndex="0"><call id="c"/></record></records>`
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr?system_id=cms1", document).Code)
	require.Zero(t, rig.sum("cisco.cms.call_bridge.restarts"))
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", document).Code)
	require.Equal(t, 1, int(rig.sum("cisco.cms.call_bridge.restarts")))
	replaced := ""
	eachLogRecord(rig, func(record plog.LogRecord) {
		if previous, found := record.Attributes().Get("cisco.cms.session.previous_id"); found {
			replaced += previous.Str()
		}
	})
	require.Equal(t, "5e550000-0000-4000-8000-000000000001", replaced)
}

// TestUnfinished checks that a document that takes longer than one request may take
// is answered in time, and that a resend continues where it stopped.
func TestUnfinished(t *testing.T) {
	rig := newRig(t, nil)
	synctest.Test(t, func(t *testing.T) {
		newFakePipelines(rig, func(string, []string, int) error {
			time.Sleep(3 * time.Second)
			return nil
		})
		body, unfinished := backlog(3000), 0
		for ; ; unfinished++ {
			start := time.Now()
			answer := rig.post("/cdr", body)
			require.Less(t, time.Since(start), rig.receiver.config.HTTP.WriteTimeout*9/10)
			if answer.Code == http.StatusOK {
				break
			}
			require.Equal(t, "1", answer.Header().Get("Retry-After"))
			require.Less(t, unfinished, 10)
		}
		// The last request has only duplicates and finds the end of the document.
		require.Equal(t, 3, unfinished, "there must be twelve slices of six seconds, four in a request")
		rig.requireOnce(t, 3000)
	})
	require.EqualValues(t, map[string]int64{"accepted": 1, "unfinished": 3}, rig.outcomes())
}

// TestSlices checks that the records, the bytes of XML and the bytes of spans of a
// slice are limited.
func TestSlices(t *testing.T) {
	post := func(body string) *fakePipelines {
		rig := newRig(t, nil)
		pipelines := newFakePipelines(rig, nil)
		require.Equal(t, http.StatusOK, rig.post("/cdr", body).Code)
		return pipelines
	}
	require.Equal(t, 4, post(backlog(1000)).calls[signalLogs], "a slice must have at most 500 records")
	var large strings.Builder
	large.WriteString(`<records session="s">`)
	for n := range 100 {
		fmt.Fprintf(&large, `<record type="x" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><x>%s</x></record>`, n, strings.Repeat("x", 100<<10))
	}
	require.Equal(t, 17, post(large.String() + `</records>`).calls[signalLogs], "a slice must have six records of 100 KiB")

	rig := newRig(t, nil)
	pipelines := newFakePipelines(rig, nil)
	for _, document := range largeLegs(0, 60) {
		require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
	}
	clear(pipelines.calls)
	var ends strings.Builder
	ends.WriteString(`<records session="s">`)
	for n := range 60 {
		fmt.Fprintf(&ends, `<record type="callLegEnd" time="2026-03-02T09:00:00Z" correlatorIndex="%d"><callLeg id="1e900000-0000-4000-8000-%012d"/></record>`, 100_000+n, n)
	}
	require.Equal(t, http.StatusOK, rig.post("/cdr", ends.String()+`</records>`).Code)
	require.Greater(t, pipelines.calls[signalLogs], 2, "the size of the spans must limit the slices")
}

// TestNoDistinctRecordIsADuplicate checks that each of 20,000 records is accepted as new in
// any order of their indices, although a truncated session does not remember all indices.
func TestNoDistinctRecordIsADuplicate(t *testing.T) {
	const n = 20_000
	random := rand.New(rand.NewPCG(1, 2)).Perm(n)
	for name, order := range map[string]func(i int) int{
		"odd, then even": func(i int) int { return (2*i + 1) % (n + 1) },
		"random":         func(i int) int { return random[i] },
		"backwards":      func(i int) int { return 2 * (n - i) },
	} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, nil)
			for first := 0; first < n; first += n / 4 {
				var body strings.Builder
				body.WriteString(`<records session="s">`)
				for i := first; i < first+n/4; i++ {
					fmt.Fprintf(&body, `<record type="x" time="2026-03-02T08:00:00Z" correlatorIndex="%d"/>`, order(i))
				}
				require.Equal(t, http.StatusOK, rig.post("/cdr", body.String()+`</records>`).Code)
			}
			require.Equal(t, n, int(rig.sum("cisco.cms.record.received")))
			require.Zero(t, int(rig.sum("cisco.cms.record.duplicate")))
			require.Len(t, rig.warnings.FilterMessageSnippet("not all indices are remembered").All(), 1, "the warning must be logged once")
		})
	}
}

// TestStatusOfScans checks that the component status reports pipelines that refuse
// the spans of a scan, for now or permanently.
func TestStatusOfScans(t *testing.T) {
	for _, refusal := range []error{errors.New("queue is full"), consumererror.NewPermanent(errors.New("bad data"))} {
		rig := newRig(t, nil)
		var reported []componentstatus.Status
		rig.receiver.status.hosts = hosts{hostFunc(func(e *componentstatus.Event) { reported = append(reported, e.Status()) })}
		require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
		rig.refuse = func(string) error { return refusal }
		rig.wait("25h")
		require.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError}, reported)
		rig.refuse = nil
		require.Equal(t, http.StatusOK, rig.post("/cdr", strings.NewReplacer("callStart", "callEnd", `correlatorIndex="0"`, `correlatorIndex="1"`).Replace(oneCall)).Code)
		require.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError, componentstatus.StatusOK}, reported)
	}
}

// TestReplacedCharactersOfAResend checks that the replaced characters of a start tag are not
// counted again if the first item of the document is a malformed part that was acknowledged.
func TestReplacedCharactersOfAResend(t *testing.T) {
	rig := newRig(t, nil)
	for range 3 {
		require.Equal(t, http.StatusOK, rig.post("/cdr", "<records session=\"s\" note=\"\x01\"><record type=\"callEnd\"><call/></record></records>").Code)
		require.EqualValues(t, 1, rig.ownCounter("replaced_characters"))
	}
}
