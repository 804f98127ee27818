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

// witness sees both ends: what Call Bridges post and hear, and what the exporters
// of each life of the collector bring. Now and then it refuses.
type witness struct {
	refuse float64

	mu     sync.Mutex
	random *rand.Rand
	life   int
	// acknowledged is the life in which a record was answered 200, by its uid.
	acknowledged map[string]int
	// logs and spans are the lives in which each came, in order.
	logs, spans map[string][]int
	posts       int
	// moments are those at which something is under way: posts that leave, and
	// requests of exporters that were accepted and not answered yet. after asks to
	// be told, once, of that many.
	moments, after int
	told           chan struct{}
}

// moment must be called with the lock held.
func (w *witness) moment() {
	w.moments++
	if w.moments == w.after {
		w.told <- struct{}{}
	}
}

func newWitness(refuse float64, seed uint64) *witness {
	return &witness{
		refuse: refuse, random: rand.New(rand.NewPCG(seed, 1)),
		acknowledged: map[string]int{}, logs: map[string][]int{}, spans: map[string][]int{}, told: make(chan struct{}, 1),
	}
}

// listen starts the exporters' target. Each life of the collector exports to a
// name of its own.
func (w *witness) listen(t *testing.T) *otlpsink.Sink {
	t.Helper()
	sink, err := otlpsink.Listen(w.takeLogs, w.takeTraces)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sink.Close)
	return sink
}

func (w *witness) takeLogs(name string, logs plog.Logs) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.random.Float64() < w.refuse {
		return otlpsink.ErrForNow
	}
	life, err := strconv.Atoi(name)
	for _, record := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
		uid, _ := record.Attributes().Get("log.record.uid")
		w.logs[uid.Str()] = append(w.logs[uid.Str()], life)
	}
	w.moment()
	return err
}

func (w *witness) takeTraces(name string, traces ptrace.Traces) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.random.Float64() < w.refuse {
		return otlpsink.ErrForNow
	}
	life, err := strconv.Atoi(name)
	for _, span := range traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		id := fmt.Sprintf("%s %s %s", span.Name(), span.TraceID(), span.SpanID())
		if reason, cut := span.Attributes().Get("cisco.cms.incomplete.reason"); cut {
			id += " " + reason.Str()
		}
		w.spans[id] = append(w.spans[id], life)
	}
	w.moment()
	return err
}

var (
	sessionOf = regexp.MustCompile(`<records session="([^"]+)"`)
	indexOf   = regexp.MustCompile(` correlatorIndex="(\d+)"`)
)

// RoundTrip posts for the Call Bridges.
func (w *witness) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	w.mu.Lock()
	life := w.life
	w.posts++
	w.moment()
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

// requirePromise: nothing acknowledged is lost, in one life nothing comes twice,
// and from one to the next only what was not acknowledged.
func (w *witness) requirePromise(t *testing.T) (repeated int) {
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
