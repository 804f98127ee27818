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

// deliveries records what Call Bridges post and how they are answered, and what the
// exporters deliver. It refuses some requests of exporters at random. A test can restart the
// collector; the processes of the collector are numbered from 0.
type deliveries struct {
	refuse float64 // probability that a request of an exporter is refused

	mu      sync.Mutex
	random  *rand.Rand
	process int // the process that runs now; 0 if the test does not set it
	// acknowledged has the process that acknowledged a record, by its uid.
	acknowledged map[string]int
	// logs and spans have the processes that delivered each, in the order of deliveries.
	logs, spans map[string][]int
	posts       int
	// steps counts the posts that are about to be sent, and the requests of exporters that
	// were accepted and are about to be answered. At the step notifyAt, reached gets a
	// value, and the collector can be killed with work in progress.
	steps, notifyAt int
	reached         chan struct{}
}

// countStep counts a step. The lock must be held.
func (w *deliveries) countStep() {
	w.steps++
	if w.steps == w.notifyAt {
		w.reached <- struct{}{}
	}
}

func newDeliveries(refuse float64, seed uint64) *deliveries {
	return &deliveries{
		refuse: refuse, random: rand.New(rand.NewPCG(seed, 1)),
		acknowledged: map[string]int{}, logs: map[string][]int{}, spans: map[string][]int{}, reached: make(chan struct{}, 1),
	}
}

// listen starts the target of the exporters. Each process of the collector exports to its
// own path below it.
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
	process, err := strconv.Atoi(name)
	for _, record := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
		uid, _ := record.Attributes().Get("log.record.uid")
		w.logs[uid.Str()] = append(w.logs[uid.Str()], process)
	}
	w.countStep()
	return err
}

func (w *deliveries) takeTraces(name string, traces ptrace.Traces) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.random.Float64() < w.refuse {
		return otlpsink.ErrRefusedForNow
	}
	process, err := strconv.Atoi(name)
	for _, span := range traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		id := fmt.Sprintf("%s %s %s", span.Name(), span.TraceID(), span.SpanID())
		if reason, incomplete := span.Attributes().Get("cisco.cms.incomplete.reason"); incomplete {
			id += " " + reason.Str()
		}
		w.spans[id] = append(w.spans[id], process)
	}
	w.countStep()
	return err
}

var (
	sessionOf = regexp.MustCompile(`<records session="([^"]+)"`)
	indexOf   = regexp.MustCompile(` correlatorIndex="(\d+)"`)
)

// RoundTrip posts a document of a Call Bridge.
func (w *deliveries) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	w.mu.Lock()
	process := w.process
	w.posts++
	w.countStep()
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
		if _, repeated := w.acknowledged[uid]; !repeated {
			w.acknowledged[uid] = process
		}
	}
	return answer, nil
}

// checkDelivered checks that no acknowledged record is lost, that no process delivers a
// log record or span twice, and that a later process delivers a record again only if no
// earlier process acknowledged it. It returns the number of repeated deliveries of log
// records.
func (w *deliveries) checkDelivered(t *testing.T) (repeated int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for uid := range w.acknowledged {
		assert.NotEmpty(t, w.logs[uid], "%s was acknowledged and is lost", uid)
	}
	for uid, processes := range w.logs {
		acknowledgedBy, acknowledged := w.acknowledged[uid]
		for i := 1; i < len(processes); i++ {
			assert.Less(t, processes[i-1], processes[i], "one process delivered %s twice", uid)
			if acknowledged {
				assert.LessOrEqual(t, processes[i], acknowledgedBy, "%s is delivered again after it was acknowledged", uid)
			}
			repeated++
		}
	}
	for id, processes := range w.spans {
		for i := 1; i < len(processes); i++ {
			assert.Less(t, processes[i-1], processes[i], "one process delivered %s twice", id)
		}
	}
	return repeated
}
