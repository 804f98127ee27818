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
type story []happening

// bridgeRecord is a record and the Call Bridge that sends it.
type happening struct {
	bridge int
	record wire.Record
}

// isCall reports whether the record starts or ends a call. Meetings depend on the
// order of these.
func (r happening) isCall() bool {
	return strings.HasPrefix(r.record.Type, "call") && !strings.HasPrefix(r.record.Type, "callLeg")
}

const orderBridges = 3

// newWorkload generates meetings on several Call Bridges. Its records are in the
// order of their times.
func tell(seed uint64, meetings int) (all story) {
	timeline := meeting.NewTimeline(meeting.NewGenerator(meeting.Settings{
		Seed: seed, Bridges: orderBridges, Rate: 60, Scanners: 1,
	}), meetings, 0)
	var index [orderBridges]int
	for at, events := range timeline.Seconds() {
		for _, event := range events {
			all = append(all, happening{bridge: event.Bridge, record: wire.Record{
				Type: event.Body.Type(), Time: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC).Add(at),
				CorrelatorIndex: index[event.Bridge], RecordIndex: index[event.Bridge] + 1, Element: wire.Element(event.Body),
			}})
			index[event.Bridge]++
		}
	}
	return all
}

// queues returns the records of each Call Bridge, in order.
func (a story) queues() (queues [orderBridges]story) {
	for _, one := range a {
		queues[one.bridge] = append(queues[one.bridge], one)
	}
	return queues
}

// shuffled returns the records in another order of arrival that keeps the order of
// each Call Bridge and, with callsInOrder, the order in which calls start and end.
func (a story) shuffled(random *rand.Rand, callsInOrder bool) (out story) {
	queues, calls := a.queues(), 0
	var order []happening
	for _, one := range a {
		if one.isCall() {
			order = append(order, one)
		}
	}
	for len(out) < len(a) {
		bridge := random.IntN(orderBridges)
		for n := 1 + random.IntN(20); n > 0 && len(queues[bridge]) > 0; n-- {
			next := queues[bridge][0]
			if next.isCall() && callsInOrder {
				if next.bridge != order[calls].bridge || next.record.CorrelatorIndex != order[calls].record.CorrelatorIndex {
					break
				}
				calls++
			}
			out, queues[bridge] = append(out, next), queues[bridge][1:]
		}
	}
	return out
}

// documentsOf returns the documents of a workload, in order. Adjacent records of one
// Call Bridge share a document, up to the number of records that size returns for it.
func bodies(all story, most func() int) (documents []string) {
	for len(all) > 0 {
		doc := wire.Document{
			Session:    fmt.Sprintf("5e550000-0000-4000-8000-%012d", all[0].bridge),
			CallBridge: meeting.CallBridge(all[0].bridge),
		}
		n := 0
		for most := most(); n < min(most, len(all)) && all[n].bridge == all[0].bridge; n++ {
			doc.Records = append(doc.Records, all[n].record)
		}
		documents = append(documents, string(doc.Append(nil)))
		all = all[n:]
	}
	return documents
}

// always returns a size for documentsOf that does not vary.
func upTo(n int) func() int { return func() int { return n } }

// postAll posts the records in order.
func (g *rig) deliver(all story, most func() int) {
	for _, document := range bodies(all, most) {
		require.Equal(g.t, http.StatusOK, g.post("/cdr", document).Code)
	}
}

var (
	linkLines  = regexp.MustCompile(`(?m)^  link to .*\n    .*\n`)
	traceLines = regexp.MustCompile(`(?m)^  trace [0-9a-f]+, (span [0-9a-f]+).*\n`)
)

// spanTexts returns the spans as sorted texts. It leaves out links, because a span
// has one only if the other end was known when the span was emitted. Without
// withMeetings it leaves out the traces and the spans of meetings as well.
func (g *rig) spanTexts(withMeetings bool) []string {
	all := linkLines.ReplaceAllString(printed.Spans(g.traces.AllTraces()), "")
	if !withMeetings {
		all = traceLines.ReplaceAllString(all, "  $1\n")
	}
	var texts []string
	for text := range strings.SplitSeq(strings.ReplaceAll("\n"+all, "\n  ", "\r  "), "\n") {
		if text = strings.ReplaceAll(text, "\r", "\n"); text != "" && (withMeetings || !strings.HasPrefix(text, "meeting ")) {
			texts = append(texts, text)
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
		all := tell(seed, 12)
		ordered := newRig(t, nil)
		ordered.deliver(all, upTo(1))
		spans := ordered.spanTexts(true)
		require.Greater(t, len(spans), 40)
		for _, callsInOrder := range []bool{true, true, false, false} {
			other := newRig(t, nil)
			other.deliver(all.shuffled(random, callsInOrder), func() int { return 1 + random.IntN(30) })
			require.Equal(t, ordered.spanTexts(callsInOrder), other.spanTexts(callsInOrder), "seed %d", seed)
			require.Zero(t, other.receiver.openCounts.calls.Load()+other.receiver.openCounts.legs.Load())
			require.Zero(t, other.receiver.sessions.meetings.CallCount())
		}
	}
}

// TestMissingRecords checks that, whichever records are lost, each entity whose end
// record arrives has exactly one span, and that all state is released in the end.
func TestSomeAreMissing(t *testing.T) {
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 2))
		all := tell(seed, 12)
		loss := 0.1 * float64(1+seed)
		kept := slices.DeleteFunc(slices.Clone(all), func(happening) bool { return random.Float64() < loss })
		rig := newRig(t, nil)
		rig.deliver(kept.shuffled(random, false), func() int { return 1 + random.IntN(30) })
		ends := map[string]int{}
		for _, one := range kept {
			if strings.HasSuffix(one.record.Type, "End") {
				ends[strings.TrimSuffix(one.record.Type, "End")]++
			}
		}
		whole, _ := rig.spans()
		delete(whole, "meeting")
		require.Equal(t, map[string]int{
			"call": ends["call"], "call_leg": ends["callLeg"], "recording": ends["recording"], "streaming": ends["streaming"],
		}, map[string]int{
			"call": whole["call"], "call_leg": whole["call_leg"], "recording": whole["recording"], "streaming": whole["streaming"],
		})
		require.LessOrEqual(t, int(rig.receiver.openCounts.legs.Load()), len(kept))
		rig.reach(rig.clock().Add(25 * time.Hour))
		rig.receiver.scan(t.Context())
		require.Zero(t, rig.receiver.openCounts.calls.Load()+rig.receiver.openCounts.legs.Load())
		require.Zero(t, rig.receiver.sessions.meetings.CallCount())
		ids := map[string]int{}
		for _, text := range rig.spanTexts(true) {
			ids[traceLines.FindStringSubmatch(text)[0]+text[:strings.Index(text, "\n")]]++
		}
		for id, n := range ids {
			require.Equal(t, 1, n, "span emitted more than once: %s", id)
		}
	}
}
