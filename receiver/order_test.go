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

// story is what several Call Bridges have to tell: all records in the order of
// their times, each with its place in its Call Bridge's own order.
type story []happening

type happening struct {
	bridge int
	record wire.Record
}

// isCall: it begins or ends a call, so meetings depend on its order.
func (r happening) isCall() bool {
	return strings.HasPrefix(r.record.Type, "call") && !strings.HasPrefix(r.record.Type, "callLeg")
}

const orderBridges = 3

// tell makes up meetings on several Call Bridges.
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

// queues are the records of each Call Bridge, in its own order.
func (a story) queues() (queues [orderBridges]story) {
	for _, one := range a {
		queues[one.bridge] = append(queues[one.bridge], one)
	}
	return queues
}

// shuffled is another order of arrival in which each Call Bridge's own is kept;
// with callsInOrder that of all that begins and ends calls too.
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

// bodies are the documents of a story, in its order: neighbours of one Call Bridge
// are in one of up to so many records.
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

// upTo is always the same number.
func upTo(n int) func() int { return func() int { return n } }

// deliver posts the records in that order.
func (g *rig) deliver(all story, most func() int) {
	for _, document := range bodies(all, most) {
		require.Equal(g.t, http.StatusOK, g.post("/cdr", document).Code)
	}
}

var (
	linkLines  = regexp.MustCompile(`(?m)^  link to .*\n    .*\n`)
	traceLines = regexp.MustCompile(`(?m)^  trace [0-9a-f]+, (span [0-9a-f]+).*\n`)
)

// spanTexts are all spans as text, in an order that does not depend on theirs:
// without links, which are made where the other end is known; without the traces
// of meetings, if these are not to be compared.
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

// TestAnyOrder: in whatever documents records come, and however those of several
// Call Bridges interleave, the spans are the same. Traces and meetings are, where
// calls begin and end in the same order.
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

// TestSomeAreMissing: whatever is lost, each call and leg whose end came has its
// span, once; what is held is bounded and drains.
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
			require.Equal(t, 1, n, "%s came more than once", id)
		}
	}
}
