package cmscdrreceiver

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// callDocument returns a document with one record: the start or the end of the call that a
// Call Bridge has in the meeting of a round. index is the correlator index of the record.
func callDocument(round, bridge, index int, recordType string) string {
	return fmt.Sprintf(`<records session="5e550000-0000-4000-8000-%012d" callBridge="b71d9e00-0000-4000-8000-%012d">`+
		`<record type="%s" time="2026-03-02T08:00:0%dZ" correlatorIndex="%d"><call id="ca110000-0000-4000-8000-%06d%06d">`+
		`<callCorrelator>c0221a70-0000-4000-8000-%012d</callCorrelator></call></record></records>`,
		bridge, bridge, recordType, bridge, index, round, bridge, round)
}

// TestMeetingsRace checks that each meeting has exactly one span, and that all its calls are
// children of it. A meeting has one call on each of several Call Bridges. They post the starts
// of these calls concurrently, and then the ends. Random payloads are refused for now, and the
// documents are posted again until they are accepted.
func TestMeetingsRace(t *testing.T) {
	const bridges, rounds = 3, 150
	rig := newRig(t, nil)
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(1, 2))
	rig.refuse = func(string) error {
		mu.Lock()
		defer mu.Unlock()
		if random.IntN(3) == 0 {
			return errors.New("queue is full")
		}
		return nil
	}
	post := func(document string) {
		code := http.StatusServiceUnavailable
		for code == http.StatusServiceUnavailable {
			code = rig.post("/cdr", document).Code
		}
		if code != http.StatusOK {
			t.Errorf("a document is answered %d", code)
		}
	}
	for round := range rounds {
		for index, recordType := range []string{"callStart", "callEnd"} {
			var senders sync.WaitGroup
			for bridge := range bridges {
				senders.Go(func() { post(callDocument(round, bridge, 2*round+index, recordType)) })
			}
			senders.Wait()
		}
	}
	require.Zero(t, rig.receiver.sessions.meetings.CallCount())

	meetings := map[string]ptrace.Span{}
	var calls []ptrace.Span
	for _, traces := range rig.traces.AllTraces() {
		for _, span := range traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
			if span.Name() != "meeting" {
				calls = append(calls, span)
				continue
			}
			correlator, _ := span.Attributes().Get("cisco.cms.call.correlator")
			require.NotContains(t, meetings, correlator.Str(), "a meeting must have one span")
			meetings[correlator.Str()] = span
		}
	}
	require.Len(t, meetings, rounds)
	require.Len(t, calls, bridges*rounds)
	for _, call := range calls {
		correlator, _ := call.Attributes().Get("cisco.cms.call.correlator")
		meeting := meetings[correlator.Str()]
		require.Equal(t, meeting.TraceID(), call.TraceID())
		require.Equal(t, meeting.SpanID(), call.ParentSpanID())
		require.LessOrEqual(t, meeting.StartTimestamp(), call.StartTimestamp())
		require.GreaterOrEqual(t, meeting.EndTimestamp(), call.EndTimestamp())
	}
}
