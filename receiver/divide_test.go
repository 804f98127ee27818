package cmscdrreceiver

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
)

// TestCanDivide checks which refused payloads are retried in parts, and that the retries
// fit within maxAttempts.
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
		"last calls for two halves":                     {attempts{logs: 25, pending: 5}, 2, 2, itemsRefused, true},
		"too few calls for two halves":                  {attempts{logs: 26, pending: 5}, 2, 2, itemsRefused, false},
		"too few calls of the other signal":             {attempts{traces: 26, pending: 5}, 2, 2, itemsRefused, false},
		"last calls for the log records of one item":    {attempts{logs: 29, divided: true}, 1, 3, itemsRefused, true},
		"too few calls for the log records of one item": {attempts{logs: 30, divided: true}, 1, 3, itemsRefused, false},
		"too large after many calls":                    {attempts{logs: 1000}, 2, 2, tooLarge, true},
		"one item that is too large":                    {attempts{divided: true}, 1, 1, tooLarge, false},
	}
	require.Len(t, cases, 14)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, c.attempts.canDivide(c.items, c.payload, c.refusal)) })
	}
}

// TestOneOfTwoRefusedPermanently checks that a refused record does not take the only other
// one of its document with it.
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
