package cmscdrreceiver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
)

// refuseAtRandom returns a function for rig.refuse that refuses some payloads for now. A
// few of the errors are those of two pipelines behind a fan-out, of which only one refuses
// permanently.
func refuseAtRandom(seed uint64) func(string) error {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 9))
	return func(signal string) error {
		mu.Lock()
		defer mu.Unlock()
		switch p := random.Float64(); {
		case p < 0.3:
			return fmt.Errorf("%s: queue is full", signal)
		case p < 0.35:
			return errors.Join(fmt.Errorf("%s: queue is full", signal), consumererror.NewPermanent(errors.New("bad data")))
		default:
			return nil
		}
	}
}

// TestBothSignalsRefuse extends the collector's contract test to two signals: each
// pipeline gets every item exactly once, regardless of what the logs and traces
// pipelines refuse and of how resent records are divided into documents. It leaves out
// the spans of meetings, and the trace ids, parents and links of all spans, because they
// depend on the order in which the senders post.
func TestBothSignalsRefuse(t *testing.T) {
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 8))
		records := newWorkload(seed, 10)
		reference := newRig(t, nil)
		reference.postAll(records, always(1))

		rig := newRig(t, nil)
		rig.refuse = refuseAtRandom(seed)
		var senders sync.WaitGroup
		for _, queue := range records.queues() {
			senderRandom := rand.New(rand.NewPCG(seed, random.Uint64()))
			senders.Go(func() { rig.sendAsMeetingServer(queue, senderRandom) })
		}
		senders.Wait()
		require.Equal(t, reference.spanTexts(false), rig.spanTexts(false))
		uids := rig.emittedUIDs()
		require.Len(t, uids, len(records)+workloadBridges, "all records and the starts of the sessions must be emitted")
		for uid, n := range uids {
			require.Equal(t, 1, n, "%s must be emitted once", uid)
		}
		require.Equal(t, len(records), int(rig.sum("cisco.cms.record.received")))
		require.Zero(t, int(rig.sum("cisco.cms.record.duplicate")))
	}
}

// sendAsMeetingServer sends the records of one Call Bridge until they are answered
// 200. After a refusal the next document has more or fewer of them.
func (r *rig) sendAsMeetingServer(queue workload, random *rand.Rand) {
	for len(queue) > 0 {
		n := 1 + random.IntN(min(20, len(queue)))
		if r.post("/cdr", documentsOf(queue[:n], always(n))[0]).Code == http.StatusOK {
			queue = queue[n:]
		}
	}
}

// eachLogRecord calls do for each emitted log record.
func eachLogRecord(rig *rig, do func(plog.LogRecord)) {
	for _, logs := range rig.logs.AllLogs() {
		for _, record := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
			do(record)
		}
	}
}

// emittedUIDs returns how often each log.record.uid was emitted.
func (r *rig) emittedUIDs() map[string]int {
	uids := map[string]int{}
	eachLogRecord(r, func(record plog.LogRecord) {
		uid, _ := record.Attributes().Get("log.record.uid")
		uids[uid.Str()]++
	})
	return uids
}

// TestDeadline checks that a delivery to a pipeline that blocks is cancelled in time
// to answer 503, and that nothing is committed.
func TestDeadline(t *testing.T) {
	rig := newRig(t, nil)
	synctest.Test(t, func(t *testing.T) {
		rig.receiver.nextLogs = logsFunc(func(ctx context.Context, _ plog.Logs) error {
			<-ctx.Done()
			return ctx.Err()
		})
		start := time.Now()
		answer := rig.post("/cdr", oneCall)
		require.Equal(t, http.StatusServiceUnavailable, answer.Code)
		require.Equal(t, "5", answer.Header().Get("Retry-After"))
		require.Less(t, time.Since(start)+rig.receiver.saveTimeout(), rig.receiver.config.HTTP.WriteTimeout)
	})
	require.EqualValues(t, 0, rig.receiver.openCounts.calls.Load())
}

// TestInvalidUTF8 checks that, in a document of a thousand records of which one has a name
// with invalid characters, only these characters are replaced.
func TestInvalidUTF8(t *testing.T) {
	rig := newRig(t, nil)
	var body strings.Builder
	body.WriteString(`<records session="s">`)
	for n := range 1000 {
		name := "Room"
		if n == 500 {
			name = "R\xff\x00\x01oom \xc3("
		}
		fmt.Fprintf(&body, `<record type="callLegStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><callLeg id="%d"><displayName>%s</displayName></callLeg></record>`, n, n, name)
	}
	body.WriteString(`</records>`)
	require.Equal(t, http.StatusOK, rig.post("/cdr", body.String()).Code)
	require.Equal(t, 1001, rig.logs.LogRecordCount())
	found := 0
	eachLogRecord(rig, func(record plog.LogRecord) {
		if record.Body().Type().String() != "Map" {
			return
		}
		if name, ok := record.Body().Map().Get("displayName"); ok && name.Str() != "Room" {
			require.Equal(t, "R\ufffd\ufffd\ufffdoom \ufffd(", name.Str())
			found++
		}
	})
	require.Equal(t, 1, found)
	require.EqualValues(t, 4, rig.ownCounter("replaced_characters"))
}

// TestShutdownUnderLoad checks that a shutdown takes less than ten seconds, that every call
// that was answered 200 is emitted, and that all signals have the same number of calls.
func TestShutdownUnderLoad(t *testing.T) {
	for range 5 {
		r := create(t, createDefaultConfig().(*Config), "logs traces metrics")
		r.start(t)
		var acknowledged atomic.Int64
		enough := make(chan struct{})
		var senders sync.WaitGroup
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
		for sender := range 4 {
			senders.Go(func() {
				for n := 0; ; n++ {
					body := fmt.Sprintf(`<records session="s%d"><record type="callStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><call id="%d %d"/></record></records>`, sender, n, sender, n)
					answer, err := client.Post(r.url, "text/xml", strings.NewReader(body))
					if err != nil {
						return // the server has stopped listening
					}
					_ = answer.Body.Close()
					if answer.StatusCode == http.StatusOK && acknowledged.Add(1) == 200 {
						close(enough)
					}
				}
			})
		}
		<-enough
		start := time.Now()
		r.shutdown(t)
		require.Less(t, time.Since(start), 10*time.Second)
		senders.Wait()
		client.CloseIdleConnections()
		calls := 0
		for _, logs := range r.logs.AllLogs() {
			for _, record := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
				if record.EventName() == "cisco.cms.call.start" {
					calls++
				}
			}
		}
		// The last answer to each client may be lost.
		require.GreaterOrEqual(t, int64(calls), acknowledged.Load())
		require.LessOrEqual(t, int64(calls), acknowledged.Load()+4)
		require.Equal(t, calls, r.traces.SpanCount(), "without storage open calls must be closed at shutdown")
		lastMetrics := r.metrics.AllMetrics()[len(r.metrics.AllMetrics())-1]
		require.Equal(t, calls, countOf(lastMetrics, "cisco.cms.call.starts"))
	}
}
