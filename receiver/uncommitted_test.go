package cmscdrreceiver

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// TestPayloadsOfOneTransaction checks that, if one of several payloads is refused, a
// resend of the records in any document does not repeat the others, and that the
// memory of accepted items is released at the commit.
func TestPayloadsOfOneTransaction(t *testing.T) {
	for _, refused := range []string{signalLogs, signalTraces} {
		rig := newRig(t, func(cfg *Config) { cfg.IncludeOriginal = true })
		for _, document := range largeLegs(0, 30) {
			require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
		}
		refuseSecondPayload(rig, refused)
		rig.reset()
		ends := func(legs int) string {
			var body strings.Builder
			body.WriteString(`<records session="s">`)
			for n := range legs {
				fmt.Fprintf(&body, `<record type="callLegEnd" time="2026-03-02T09:00:00Z" correlatorIndex="%d"><callLeg id="1e900000-0000-4000-8000-%012d">`+
					`<x>%s</x></callLeg></record>`, 100_000+n, n, strings.Repeat("x", 40<<10))
			}
			return body.String() + `</records>`
		}
		require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", ends(28)).Code)
		require.Equal(t, http.StatusOK, rig.post("/cdr", ends(5)).Code)
		require.Equal(t, http.StatusOK, rig.post("/cdr", ends(30)).Code)
		uids, spans := rig.emittedUIDs(), map[string]int{}
		for _, traces := range rig.traces.AllTraces() {
			for _, span := range traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
				spans[span.SpanID().String()]++
			}
		}
		require.Len(t, uids, 30+1, "the records and the gap before them must be emitted")
		require.Len(t, spans, 30)
		for id, n := range uids {
			require.Equal(t, 1, n, "%s must be emitted once", id)
		}
		for id, n := range spans {
			require.Equal(t, 1, n, "%s must be emitted once", id)
		}
		for _, session := range rig.receiver.sessions.all() {
			require.True(t, session.uncommitted.records.IsEmpty())
			require.Empty(t, session.uncommitted.spans)
			require.Empty(t, session.uncommitted.observations)
		}
	}
}

// TestUnidentifiedDocumentIsContinued checks that, if a payload of a document without a session
// id is refused for now, a resend does not repeat the payloads that were accepted, so that the
// document is accepted in the end although the pipeline never takes all of it at once.
func TestUnidentifiedDocumentIsContinued(t *testing.T) {
	rig := newRig(t, nil)
	const parts = 10
	calls := 0
	newFakePipelines(rig, func(string, []string, int) error {
		if calls++; calls%3 == 0 {
			return errors.New("queue is full")
		}
		return nil
	})
	var body strings.Builder
	body.WriteString("<records>")
	for n := 0; body.Len() < parts*cdr.MaxRecord-20; n++ {
		fmt.Fprintf(&body, "%d ", n)
	}
	tries := 0
	for rig.post("/cdr", body.String()+"</records>").Code != http.StatusOK {
		tries++
		require.Less(t, tries, 10, "the document is refused forever")
	}
	require.Positive(t, tries)
	emitted := rig.emittedUIDs()
	require.Len(t, emitted, parts)
	for uid, n := range emitted {
		require.Equal(t, 1, n, "%s must be emitted once", uid)
	}
	require.EqualValues(t, parts, rig.ownCounter("malformed_records"))
}

// TestEvictedTwiceInOneTransaction checks that each span of a leg that is evicted, reopened and
// evicted again in one transaction is emitted once, if a payload with the second span is refused
// for now or permanently.
func TestEvictedTwiceInOneTransaction(t *testing.T) {
	for name, refused := range map[string]error{"for now": errors.New("queue is full"), "permanently": consumererror.NewPermanent(errors.New("bad data"))} {
		t.Run(name, func(t *testing.T) {
			const open = 27
			rig := newRig(t, func(cfg *Config) { cfg.MaxOpen = open })
			index := 0
			start := func(leg int, size int) string {
				var unknown strings.Builder
				for n := range size {
					fmt.Fprintf(&unknown, "<u%d>%s</u%d>", n, strings.Repeat("x", 1020), n)
				}
				index++
				return fmt.Sprintf(`<record type="callLegStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d">`+
					`<callLeg id="1e900000-0000-4000-9000-%012d">%s</callLeg></record>`, index, leg, unknown.String())
			}
			post := func(records string) int {
				return rig.post("/cdr", `<records session="s">`+records+`</records>`).Code
			}
			require.Equal(t, http.StatusOK, post(start(0, 0)))
			for leg := range open - 1 {
				require.Equal(t, http.StatusOK, post(start(1+leg, 32)))
			}
			records := start(open, 0) + start(0, 32) // leg 0 is evicted and reopened
			for leg := range open {
				records += start(open+1+leg, 0)
			}
			calls, spans := 0, 0
			newFakePipelines(rig, func(signal string, ids []string, _ int) error {
				if signal == signalTraces {
					if calls++; calls == 2 {
						spans = len(ids)
						return refused
					}
				}
				return nil
			})
			for post(records) != http.StatusOK {
				require.Less(t, calls, 10)
			}
			require.Equal(t, 1, spans, "only the second span of leg 0 is refused")
			emitted := map[string]int{}
			for _, traces := range rig.traces.AllTraces() {
				for _, span := range traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
					emitted[span.SpanID().String()]++
				}
			}
			leg0 := correlate.SpanID("1e900000-0000-4000-9000-000000000000").String()
			require.Equal(t, 2, emitted[leg0])
			require.Equal(t, open+2, rig.traces.SpanCount())
			require.Empty(t, rig.onlySession().uncommitted.spans)
		})
	}
}

// TestUncommittedIsBounded checks that the memory for items that the logs pipeline
// accepted is limited while the traces pipeline refuses every document.
func TestUncommittedIsBounded(t *testing.T) {
	rig := newRig(t, nil)
	rig.refuse = func(signal string) error {
		if signal == signalTraces {
			return errors.New("queue is full")
		}
		return nil
	}
	for first := 0; first < 3*maxUncommitted; first += 250 {
		var body strings.Builder
		body.WriteString(`<records session="s">`)
		for n := range 250 {
			fmt.Fprintf(&body, `<record type="callLegEnd" time="2026-03-02T09:00:00Z" correlatorIndex="%d"><callLeg id="%d"/></record>`, 2*(first+n), n)
		}
		require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", body.String()+`</records>`).Code)
	}
	all := rig.receiver.sessions.all()
	require.Len(t, all, 1)
	remembered := &all[0].uncommitted
	require.False(t, remembered.records.IsEmpty())
	require.LessOrEqual(t, remembered.records.Bytes(), 2*16*maxUncommitted) // a range has 16 bytes, and the slice has spare capacity
	require.NotEmpty(t, remembered.observations)
	require.LessOrEqual(t, len(remembered.observations), maxUncommitted)
	require.Greater(t, rig.receiver.sessions.usedBytes.Load(), int64(remembered.bytes()), "its memory does not count")
}
