package cmscdrreceiver

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// workload is the records of several Call Bridges in order of arrival. Each Call
// Bridge sends its records in the order of their indices.
type workload []bridgeRecord

// bridgeRecord is a record and the Call Bridge that sends it.
type bridgeRecord struct {
	bridge int
	record wire.Record
}

// startsOrEndsCall reports whether the record starts or ends a call. Meetings depend
// on the order of these.
func (r bridgeRecord) startsOrEndsCall() bool {
	return strings.HasPrefix(r.record.Type, "call") && !strings.HasPrefix(r.record.Type, "callLeg")
}

// workloadBridges is the number of Call Bridges of a workload.
const workloadBridges = 3

// newWorkload generates meetings on several Call Bridges. Its records are in the
// order of their times.
func newWorkload(seed uint64, meetings int) (records workload) {
	timeline := meeting.NewTimeline(meeting.NewGenerator(meeting.Settings{
		Seed: seed, Bridges: workloadBridges, Rate: 60, Scanners: 1,
	}), meetings, 0)
	var index [workloadBridges]int
	for elapsed, events := range timeline.Seconds() {
		for _, event := range events {
			records = append(records, bridgeRecord{bridge: event.Bridge, record: wire.Record{
				Type: event.Body.Type(), Time: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC).Add(elapsed),
				CorrelatorIndex: index[event.Bridge], RecordIndex: index[event.Bridge] + 1, Element: wire.Element(event.Body),
			}})
			index[event.Bridge]++
		}
	}
	return records
}

// queues returns the records of each Call Bridge, in order.
func (w workload) queues() (queues [workloadBridges]workload) {
	for _, record := range w {
		queues[record.bridge] = append(queues[record.bridge], record)
	}
	return queues
}

// shuffled returns the records in another order of arrival that keeps the order of
// each Call Bridge and, with callsInOrder, the order in which calls start and end.
func (w workload) shuffled(random *rand.Rand, callsInOrder bool) (shuffled workload) {
	queues, calls := w.queues(), 0
	var order []bridgeRecord
	for _, record := range w {
		if record.startsOrEndsCall() {
			order = append(order, record)
		}
	}
	for len(shuffled) < len(w) {
		bridge := random.IntN(workloadBridges)
		for n := 1 + random.IntN(20); n > 0 && len(queues[bridge]) > 0; n-- {
			next := queues[bridge][0]
			if next.startsOrEndsCall() && callsInOrder {
				if next.bridge != order[calls].bridge || next.record.CorrelatorIndex != order[calls].record.CorrelatorIndex {
					break
				}
				calls++
			}
			shuffled, queues[bridge] = append(shuffled, next), queues[bridge][1:]
		}
	}
	return shuffled
}

// documentsOf returns the documents of a workload, in order. Adjacent records of one
// Call Bridge share a document, up to the number of records that size returns for it.
func documentsOf(records workload, size func() int) (documents []string) {
	for len(records) > 0 {
		doc := wire.Document{
			Session:    fmt.Sprintf("5e550000-0000-4000-8000-%012d", records[0].bridge),
			CallBridge: meeting.CallBridge(records[0].bridge),
		}
		n := 0
		for size := size(); n < min(size, len(records)) && records[n].bridge == records[0].bridge; n++ {
			doc.Records = append(doc.Records, records[n].record)
		}
		documents = append(documents, string(doc.Append(nil)))
		records = records[n:]
	}
	return documents
}

// always returns a size function for documentsOf that returns n for every document.
func always(n int) func() int { return func() int { return n } }

// postAll posts the records in order.
func (r *rig) postAll(records workload, size func() int) {
	for _, document := range documentsOf(records, size) {
		require.Equal(r.t, http.StatusOK, r.post("/cdr", document).Code)
	}
}

// linkLines and traceLines match lines of printed.Spans.
var (
	linkLines  = regexp.MustCompile(`(?m)^  link to .*\n    .*\n`)
	traceLines = regexp.MustCompile(`(?m)^  trace [0-9a-f]+, (span [0-9a-f]+).*\n`)
)

// spanTexts returns the spans as sorted texts. It leaves out links, because they depend
// on what was known of the linked leg when the span was emitted. Without withMeetings it
// leaves out the trace ids, the parents and the spans of meetings as well.
func (r *rig) spanTexts(withMeetings bool) []string {
	text := linkLines.ReplaceAllString(printed.Spans(r.traces.AllTraces()), "")
	if !withMeetings {
		text = traceLines.ReplaceAllString(text, "  $1\n")
	}
	var texts []string
	// All lines of a span but the first are indented. \r before them keeps them in one piece.
	for span := range strings.SplitSeq(strings.ReplaceAll(text, "\n  ", "\r  "), "\n") {
		if span = strings.ReplaceAll(span, "\r", "\n"); span != "" && (withMeetings || !strings.HasPrefix(span, "meeting ")) {
			texts = append(texts, span)
		}
	}
	slices.Sort(texts)
	return texts
}

// TestAnyOrder checks that the spans do not depend on the documents in which records
// arrive or on how the documents of several Call Bridges interleave. Traces and
// meetings are the same if calls start and end in the same order.
func TestAnyOrder(t *testing.T) {
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 1))
		records := newWorkload(seed, 12)
		ordered := newRig(t, nil)
		ordered.postAll(records, always(1))
		spans := ordered.spanTexts(true)
		require.Greater(t, len(spans), 40)
		for _, callsInOrder := range []bool{true, true, false, false} {
			shuffled := newRig(t, nil)
			shuffled.postAll(records.shuffled(random, callsInOrder), func() int { return 1 + random.IntN(30) })
			require.Equal(t, ordered.spanTexts(callsInOrder), shuffled.spanTexts(callsInOrder), "the spans must not depend on the order, seed %d", seed)
			require.Zero(t, shuffled.receiver.openCounts.calls.Load()+shuffled.receiver.openCounts.legs.Load())
			require.Zero(t, shuffled.receiver.sessions.meetings.CallCount())
		}
	}
}

// TestMissingRecords checks, with random records lost, that each entity whose end record
// arrives has a complete span, that no entity has two spans, and that no call or leg is
// held in the end.
func TestMissingRecords(t *testing.T) {
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 2))
		records := newWorkload(seed, 12)
		loss := 0.1 * float64(1+seed)
		arriving := slices.DeleteFunc(slices.Clone(records), func(bridgeRecord) bool { return random.Float64() < loss })
		rig := newRig(t, nil)
		rig.postAll(arriving.shuffled(random, false), func() int { return 1 + random.IntN(30) })
		ends := map[string]int{}
		for _, record := range arriving {
			if strings.HasSuffix(record.record.Type, "End") {
				ends[strings.TrimSuffix(record.record.Type, "End")]++
			}
		}
		complete, _ := rig.countSpans()
		require.Equal(t, map[string]int{
			"call": ends["call"], "call_leg": ends["callLeg"], "recording": ends["recording"], "streaming": ends["streaming"],
		}, map[string]int{
			"call": complete["call"], "call_leg": complete["call_leg"], "recording": complete["recording"], "streaming": complete["streaming"],
		})
		require.Positive(t, rig.receiver.openCounts.legs.Load(), "legs whose end records are lost must be open until they expire")
		rig.advanceTo(rig.clock().Add(25 * time.Hour))
		rig.receiver.scan(t.Context())
		require.Zero(t, rig.receiver.openCounts.calls.Load()+rig.receiver.openCounts.legs.Load())
		require.Zero(t, rig.receiver.sessions.meetings.CallCount())
		ids := map[string]int{}
		for _, text := range rig.spanTexts(true) {
			ids[printed.Kind(text)+" "+traceLines.FindStringSubmatch(text)[1]]++
		}
		for id, n := range ids {
			require.Equal(t, 1, n, "a span must be emitted once: %s", id)
		}
	}
}
