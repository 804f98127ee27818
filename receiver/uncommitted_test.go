package cmscdrreceiver

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
		calls := 0
		newFakePipelines(rig, func(signal string, _ []string, _ int) error {
			if signal == refused {
				if calls++; calls == 2 {
					return errors.New("queue is full")
				}
			}
			return nil
		})
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
