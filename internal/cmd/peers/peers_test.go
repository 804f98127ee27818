package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestDocuments checks that the receiver can parse each document, and that the second run
// continues the session of the first: with higher indices without a gap, later records, and
// other calls and legs.
func TestDocuments(t *testing.T) {
	w := &workload{records: simulate(clusterSize, 500), perDocument: 10}
	require.GreaterOrEqual(t, w.recordCount(), 500)
	p := &peer{}
	runs := [][][]request{w.nextRun(p), w.nextRun(p)}
	for callBridge, records := range w.records {
		sessions, ids := map[string]bool{}, [2]map[string]bool{{}, {}}
		index, last := uint64(0), time.Time{}
		for run := range runs {
			for n, document := range runs[run][callBridge] {
				require.Equal(t, "/cdr", document.path)
				doc, err := cdr.Open(string(document.body))
				require.NoError(t, err)
				sessions[doc.Session] = true
				for _, id := range entityIDs.FindAllString(string(document.body), -1) {
					ids[run][id] = true
				}
				first := index
				for record, malformed := range doc.Records() {
					require.Nil(t, malformed)
					require.Equal(t, index, record.CorrelatorIndex)
					require.False(t, record.Time.Before(last), "record %d", index)
					index, last = index+1, record.Time
				}
				if n < len(records)/10 {
					require.EqualValues(t, 10, index-first)
				}
			}
			require.EqualValues(t, (run+1)*len(records), index)
		}
		require.Len(t, sessions, 1)
		require.NotEmpty(t, ids[0])
		require.Len(t, ids[1], len(ids[0]))
		for id := range ids[0] {
			require.NotContains(t, ids[1], id)
		}
	}
}

// entityIDs matches the ids of the entities that records are about.
var entityIDs = regexp.MustCompile(`<(?:call|callLeg|recording|streaming) id="[^"]+"`)

// TestPost checks that every document is received completely, and that an answer other than
// 200 is an error.
func TestPost(t *testing.T) {
	var received atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		if string(body) == "refuse" {
			http.Error(w, "not this one", http.StatusTeapot)
			return
		}
		received.Add(int64(len(body)))
	}))
	defer server.Close()
	target := endpoint{address: strings.TrimPrefix(server.URL, "http://"), contentType: "application/xml"}
	document := request{path: "/cdr", body: bytes.Repeat([]byte("x"), 100_000)}

	require.NoError(t, target.post([][]request{{document, document}, {document}}))
	require.EqualValues(t, 300_000, received.Load())

	err := target.post([][]request{{document}, {{path: "/cdr", body: []byte("refuse")}}})
	require.ErrorContains(t, err, `requests of Call Bridge 1: `+target.address+`/cdr answered 418 I'm a teapot: "not this one\n"`)
}

// TestReport checks that ratios are computed within a round, and that the median of an
// even number of rounds is the mean of the two middle values.
func TestReport(t *testing.T) {
	first := []cost{{10 * time.Microsecond, 20 * time.Microsecond}, {100 * time.Microsecond, 200 * time.Microsecond}}
	other := []cost{{5 * time.Microsecond, 10 * time.Microsecond}, {200 * time.Microsecond, 100 * time.Microsecond}}
	var out bytes.Buffer
	report(&out, 10, []result{{"one", first}, {"two", other}})
	require.Equal(t, `| 10 | one | 1.00 (1.00 to 1.00) | 55.0 (10.0 to 100.0) | 27500 (5000 to 50000) |
| 10 | two | 1.25 (0.50 to 2.00) | 102.5 (5.0 to 200.0) | 55000 (10000 to 100000) |
`, out.String())
	require.Equal(t, spread{1, 2, 4}, spreadOf([]float64{4, 1, 2}))
}

// TestMistakes checks that a missing collector and wrong flags are errors, and that the
// error for a missing collector says what to do.
func TestMistakes(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none")
	require.ErrorContains(t, run(t.Context(), []string{"-collector", missing}, new(bytes.Buffer)), "make build")
	require.ErrorContains(t, run(t.Context(), []string{"-rounds", "0"}, new(bytes.Buffer)), "-rounds is 0")
	require.ErrorContains(t, run(t.Context(), []string{"-duration", "0s"}, new(bytes.Buffer)), "-duration is 0s")
	require.ErrorContains(t, run(t.Context(), []string{"-unknown"}, new(bytes.Buffer)), "not defined: -unknown")
}
