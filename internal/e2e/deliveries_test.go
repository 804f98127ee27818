package e2e

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otlpsink"
)

// deliveries records both ends: what Call Bridges post and how they are answered, and
// what the exporters of each life of the collector deliver. It refuses some requests
// at random.
type deliveries struct {
	refuse float64

	mu     sync.Mutex
	random *rand.Rand
	life   int
	// acknowledged has the life in which a record was answered 200, by its uid.
	acknowledged map[string]int
	// logs and spans have the lives in which each was delivered, in order.
	logs, spans map[string][]int
	posts       int
	// moments counts the moments at which something is in progress: posts that are
	// sent, and requests of exporters that were accepted and not answered yet. At the
	// moment after, reached gets a value.
	moments, after int
	reached        chan struct{}
}

// countMoment counts a moment. The lock must be held.
func (w *deliveries) countMoment() {
	w.moments++
	if w.moments == w.after {
		w.reached <- struct{}{}
	}
}

func newDeliveries(refuse float64, seed uint64) *deliveries {
	return &deliveries{
		refuse: refuse, random: rand.New(rand.NewPCG(seed, 1)),
		acknowledged: map[string]int{}, logs: map[string][]int{}, spans: map[string][]int{}, reached: make(chan struct{}, 1),
	}
}

// listen starts the target of the exporters. Each life of the collector exports to a
// path of its own.
func (w *deliveries) listen(t *testing.T) *otlpsink.Sink {
	t.Helper()
	sink, err := otlpsink.Listen(w.takeLogs, w.takeTraces)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sink.Close)
	return sink
}

func (w *deliveries) takeLogs(name string, logs plog.Logs) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.random.Float64() < w.refuse {
		return otlpsink.ErrRefusedForNow
	}
	life, err := strconv.Atoi(name)
	for _, record := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
		uid, _ := record.Attributes().Get("log.record.uid")
		w.logs[uid.Str()] = append(w.logs[uid.Str()], life)
	}
	w.countMoment()
	return err
}

func (w *deliveries) takeTraces(name string, traces ptrace.Traces) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.random.Float64() < w.refuse {
		return otlpsink.ErrRefusedForNow
	}
	life, err := strconv.Atoi(name)
	for _, span := range traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		id := fmt.Sprintf("%s %s %s", span.Name(), span.TraceID(), span.SpanID())
		if reason, cut := span.Attributes().Get("cisco.cms.incomplete.reason"); cut {
			id += " " + reason.Str()
		}
		w.spans[id] = append(w.spans[id], life)
	}
	w.countMoment()
	return err
}

var (
	sessionOf = regexp.MustCompile(`<records session="([^"]+)"`)
	indexOf   = regexp.MustCompile(` correlatorIndex="(\d+)"`)
)

// RoundTrip posts for the Call Bridges.
func (w *deliveries) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	w.mu.Lock()
	life := w.life
	w.posts++
	w.countMoment()
	w.mu.Unlock()
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || answer.StatusCode != http.StatusOK {
		return answer, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	session := sessionOf.FindSubmatch(body)[1]
	for _, index := range indexOf.FindAllSubmatch(body, -1) {
		uid := fmt.Sprintf("%s/%s", session, index[1])
		if _, again := w.acknowledged[uid]; !again {
			w.acknowledged[uid] = life
		}
	}
	return answer, nil
}

// requirePromise checks that nothing acknowledged is lost, that nothing is delivered
// twice in one life, and that only records that were not acknowledged are delivered
// again in the next life.
func (w *deliveries) requirePromise(t *testing.T) (repeated int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for uid := range w.acknowledged {
		assert.NotEmpty(t, w.logs[uid], "%s was acknowledged and is lost", uid)
	}
	for uid, lives := range w.logs {
		acknowledged, known := w.acknowledged[uid]
		for i := 1; i < len(lives); i++ {
			assert.Less(t, lives[i-1], lives[i], "%s came twice in one life", uid)
			if known {
				assert.LessOrEqual(t, lives[i], acknowledged, "%s came again after it was acknowledged", uid)
			}
			repeated++
		}
	}
	for id, lives := range w.spans {
		for i := 1; i < len(lives); i++ {
			assert.Less(t, lives[i-1], lives[i], "%s came twice in one life", id)
		}
	}
	return repeated
}
