package cmscdrreceiver

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// TestCanDivide checks which refused payloads are retried in parts, and that the retries
// fit within maxAttempts unless a payload is too large. items is the number of items of the
// transaction, payload that of the payload.
func TestCanDivide(t *testing.T) {
	cases := map[string]struct {
		attempts       attempts
		items, payload int
		refusal        refusal
		want           bool
	}{
		"two items":                                     {attempts{}, 2, 2, itemsRefused, true},
		"two items, one log record":                     {attempts{}, 2, 1, itemsRefused, true},
		"the target refuses":                            {attempts{}, 500, 500, targetRefuses, false},
		"one item, never divided":                       {attempts{}, 1, 3, itemsRefused, false},
		"one item of a divided work":                    {attempts{divided: true}, 1, 3, itemsRefused, true},
		"one item of a divided work, one log record":    {attempts{divided: true}, 1, 1, itemsRefused, false},
		"one item, already one by one":                  {attempts{divided: true, oneByOne: true}, 1, 3, itemsRefused, false},
		"enough calls for two halves":                   {attempts{logs: 25, pending: 5}, 2, 2, itemsRefused, true},
		"too few calls for two halves":                  {attempts{logs: 26, pending: 5}, 2, 2, itemsRefused, false},
		"too few calls of the other signal":             {attempts{traces: 26, pending: 5}, 2, 2, itemsRefused, false},
		"enough calls for the log records of one item":  {attempts{logs: 29, divided: true}, 1, 3, itemsRefused, true},
		"too few calls for the log records of one item": {attempts{logs: 30, divided: true}, 1, 3, itemsRefused, false},
		"too large after many calls":                    {attempts{logs: 1000}, 2, 2, tooLarge, true},
		"one item that is too large":                    {attempts{divided: true}, 1, 1, tooLarge, false},
	}
	require.Len(t, cases, 14)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, c.attempts.canDivide(c.items, c.payload, c.refusal)) })
	}
}

// TestOneOfTwoRefusedPermanently checks that, of the two records of a document, only the one
// that is refused permanently is dropped.
func TestOneOfTwoRefusedPermanently(t *testing.T) {
	rig := newRig(t, nil)
	newFakePipelines(rig, func(_ string, ids []string, _ int) error {
		for _, id := range ids {
			if strings.HasSuffix(id, "/1") {
				return consumererror.NewPermanent(errors.New("bad data"))
			}
		}
		return nil
	})
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCallEnded).Code)
	require.Equal(t, 2, rig.logs.LogRecordCount(), "the start of the session and that of the call")
	require.Equal(t, 1, rig.traces.SpanCount())
	require.Equal(t, map[string]int{signalLogs: 1}, rig.dropped())
}

// TestRefusedSliceIsDivided checks that only the records that cause the refusal
// are dropped from a permanently refused slice, in few calls.
func TestRefusedSliceIsDivided(t *testing.T) {
	for name, refusedUIDs := range map[string][]string{
		"the first": {"s/0"}, "the last": {"s/499"}, "adjacent": {"s/250", "s/251"},
	} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, nil)
			pipelines := newFakePipelines(rig, func(signal string, ids []string, _ int) error {
				for _, id := range ids {
					for _, refused := range refusedUIDs {
						if signal == signalLogs && id == refused {
							return consumererror.NewPermanent(errors.New("bad data"))
						}
					}
				}
				return nil
			})
			require.Equal(t, http.StatusOK, rig.post("/cdr", backlog(250)).Code)
			rig.requireOnce(t, 250, refusedUIDs...)
			require.LessOrEqual(t, pipelines.calls[signalLogs], maxAttempts)
			require.LessOrEqual(t, pipelines.calls[signalTraces], maxAttempts)
			require.Equal(t, map[string]int{signalLogs: len(refusedUIDs)}, rig.dropped())
			require.Equal(t, http.StatusOK, rig.post("/cdr", backlog(250)).Code)
			rig.requireOnce(t, 250, refusedUIDs...)
			for _, entry := range rig.warnings.FilterMessageSnippet("permanently").All() {
				require.Subset(t, append(refusedUIDs, "s/250-251"), entry.ContextMap()["dropped"])
			}
		})
	}
}

// TestReplacedCharactersOfADividedSlice checks that each replaced character is counted once if
// the slice is retried in parts.
func TestReplacedCharactersOfADividedSlice(t *testing.T) {
	rig := newRig(t, nil)
	newFakePipelines(rig, func(_ string, ids []string, _ int) error {
		if slices.Contains(ids, "s/99") {
			return consumererror.NewPermanent(errors.New("bad data"))
		}
		return nil
	})
	require.Equal(t, http.StatusOK, rig.post("/cdr", strings.ReplaceAll(backlog(50), "Room", "R\x01om")).Code)
	require.Equal(t, map[string]int{signalLogs: 1}, rig.dropped())
	require.EqualValues(t, 50, rig.ownCounter("replaced_characters"))
}

// TestUnidentifiedDocumentIsDivided checks that, of a document without a session id, only the
// part that the pipeline refuses permanently is dropped, and that each other part is emitted once.
func TestUnidentifiedDocumentIsDivided(t *testing.T) {
	rig := newRig(t, nil)
	const parts = 5
	var body strings.Builder
	body.WriteString("<records>")
	for n := 0; body.Len() < parts*cdr.MaxRecord-20; n++ {
		fmt.Fprintf(&body, "%d \U0001f3e5", n)
	}
	refused := ""
	newFakePipelines(rig, func(_ string, ids []string, _ int) error {
		if refused == "" {
			refused = ids[len(ids)-1]
		}
		if slices.Contains(ids, refused) {
			return consumererror.NewPermanent(errors.New("bad data"))
		}
		return nil
	})
	require.Equal(t, http.StatusOK, rig.post("/cdr", body.String()+"</records>").Code)
	require.Equal(t, map[string]int{signalLogs: 1}, rig.dropped())
	emitted := rig.emittedUIDs()
	for uid, n := range emitted {
		require.Equal(t, 1, n, uid)
	}
	require.Len(t, emitted, parts-1)
	require.NotContains(t, emitted, refused)
	require.NotContains(t, printed.Logs(rig.logs.AllLogs()), "body bytes", "a character is divided, so a part is not UTF-8")
}

// TestClosingIsDivided checks that a scan closes all due entities if a pipeline refuses one of
// their spans permanently. The spans are so large that stageClosing would stage only 10 entities
// of the second half if it limited their size again, as it does when it first stages the work.
func TestClosingIsDivided(t *testing.T) {
	rig := newRig(t, nil)
	const legs = 30
	index := 0
	post := func(recordType string, leg int, inside string) {
		require.Equal(t, http.StatusOK, rig.post("/cdr", fmt.Sprintf(`<records session="s"><record type="%s" time="2026-03-02T08:00:00Z" correlatorIndex="%d">`+
			`<callLeg id="1e900000-0000-4000-9000-%012d">%s</callLeg></record></records>`, recordType, index, leg, inside)).Code)
		index++
	}
	for leg := range legs {
		var unknown strings.Builder
		for n := range min(leg/10, 1) * 32 {
			fmt.Fprintf(&unknown, "<u%d>%s</u%d>", n, strings.Repeat("x", 1000), n)
		}
		post("callLegStart", leg, unknown.String())
		for n := range max(leg/10-1, 0) * 30 {
			post("callLegUpdate", leg, "<displayName>"+strings.Repeat(string(rune('a'+n%2)), 1000)+"</displayName>")
		}
	}
	refused, divided := "", false
	newFakePipelines(rig, func(signal string, ids []string, _ int) error {
		refused, divided = cmp.Or(refused, ids[len(ids)-1]), divided || len(ids) == legs/2
		if slices.Contains(ids, refused) {
			return consumererror.NewPermanent(errors.New("bad data"))
		}
		return nil
	})
	rig.wait("25h")
	require.True(t, divided)
	require.Zero(t, rig.receiver.sessions.all()[0].state.OpenCount(), "legs are left open")
	require.Equal(t, map[string]int{signalTraces: 1}, rig.dropped())
	require.Equal(t, legs-1, rig.traces.SpanCount())
}

// TestTooManyRefusedPermanently checks that the calls are limited if four records far apart are
// refused permanently, too many to single out each. Other records are dropped with them then.
func TestTooManyRefusedPermanently(t *testing.T) {
	rig := newRig(t, nil)
	pipelines := newFakePipelines(rig, func(signal string, ids []string, _ int) error {
		for _, id := range ids {
			if signal == signalLogs && strings.HasSuffix(id, "00") {
				return consumererror.NewPermanent(errors.New("bad data"))
			}
		}
		return nil
	})
	require.Equal(t, http.StatusOK, rig.post("/cdr", backlog(250)).Code)
	require.LessOrEqual(t, pipelines.calls[signalLogs], maxAttempts)
	require.LessOrEqual(t, pipelines.calls[signalTraces], maxAttempts)
	require.Equal(t, 501, rig.logs.LogRecordCount()+rig.dropped()[signalLogs])
	require.Greater(t, rig.logs.LogRecordCount(), 100)
	require.Greater(t, rig.dropped()[signalLogs], 4)
	require.Equal(t, 250, rig.traces.SpanCount())
}

// TestAllRefusedPermanently checks that documents are acknowledged although the target refuses
// everything permanently, and that the calls are limited.
func TestAllRefusedPermanently(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		limit int
	}{
		"bad data":          {consumererror.NewPermanent(errors.New("bad data")), maxAttempts},
		"HTTP 422":          {consumererror.NewOTLPHTTPError(errors.New("bad data"), 422), maxAttempts},
		"not authenticated": {consumererror.NewOTLPHTTPError(errors.New("invalid token"), 401), 1},
		"no such service":   {consumererror.NewPermanent(grpcstatus.Error(codes.Unimplemented, "")), 1},
	} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, nil)
			pipelines := newFakePipelines(rig, func(string, []string, int) error { return c.err })
			require.Equal(t, http.StatusOK, rig.post("/cdr", backlog(750)).Code)
			require.LessOrEqual(t, pipelines.calls[signalLogs], 3*c.limit)
			require.LessOrEqual(t, pipelines.calls[signalTraces], 3*c.limit)
			require.Equal(t, map[string]int{signalLogs: 1501, signalTraces: 750}, rig.dropped())
			require.Zero(t, rig.logs.LogRecordCount()+rig.traces.SpanCount())
			require.Equal(t, 1500, int(rig.sum("cisco.cms.record.received")), "dropped records must count as received")
		})
	}
}

// TestTracesRefusedPermanently checks that documents are acknowledged although the target
// refuses all spans permanently, that the calls are limited, and that the log records,
// which are accepted, are delivered once.
func TestTracesRefusedPermanently(t *testing.T) {
	rig := newRig(t, nil)
	pipelines := newFakePipelines(rig, func(signal string, _ []string, _ int) error {
		if signal == signalTraces {
			return consumererror.NewPermanent(errors.New("bad data"))
		}
		return nil
	})
	require.Equal(t, http.StatusOK, rig.post("/cdr", backlog(250)).Code)
	require.Greater(t, pipelines.calls[signalTraces], maxAttempts/2)
	require.LessOrEqual(t, pipelines.calls[signalTraces], maxAttempts)
	require.Equal(t, 1, pipelines.calls[signalLogs])
	require.Equal(t, 501, rig.logs.LogRecordCount())
	require.Equal(t, map[string]int{signalTraces: 250}, rig.dropped())
}

// TestTooLargeIsDivided checks that a payload that is too large for the target is divided
// until every record is accepted, with more calls than maxAttempts for one slice.
func TestTooLargeIsDivided(t *testing.T) {
	rig := newRig(t, nil)
	pipelines := newFakePipelines(rig, func(_ string, _ []string, size int) error {
		if size > 3000 {
			return consumererror.NewOTLPHTTPError(errors.New("too large"), http.StatusRequestEntityTooLarge)
		}
		return nil
	})
	require.Equal(t, http.StatusOK, rig.post("/cdr", backlog(250)).Code)
	rig.requireOnce(t, 250)
	require.Greater(t, pipelines.calls[signalLogs], maxAttempts)
	require.Empty(t, rig.dropped())
}

// dropped returns the number of dropped items by signal.
func (r *rig) dropped() map[string]int {
	counts := map[string]int{}
	metric, err := r.telemetry.GetMetric("otelcol_receiver_cms_cdr_dropped_items")
	require.NoError(r.t, err)
	for _, point := range pointsOf(r.t, metric) {
		if signal, _ := point.Attributes.Value("signal"); point.Value > 0 {
			counts[signal.AsString()] = int(point.Value)
		}
	}
	return counts
}
