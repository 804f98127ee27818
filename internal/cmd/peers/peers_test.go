package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// TestDocuments: the receiver reads each, their indices rise without a gap, and another
// run is of other sessions.
func TestDocuments(t *testing.T) {
	w := &work{records: recordsOf(95), size: 10}
	require.Equal(t, callBridges*90, w.count(), "a document that would not be full is left out")
	sessions := map[string]bool{}
	for range 2 {
		for _, documents := range w.load(&peer{}) {
			require.Len(t, documents, 9)
			index := uint64(0)
			for _, document := range documents {
				doc, err := cdr.Open(string(document))
				require.NoError(t, err)
				sessions[doc.Session] = true
				for record, malformed := range doc.Records() {
					require.Nil(t, malformed)
					require.Equal(t, index, record.CorrelatorIndex)
					require.NotNil(t, record.Body)
					index++
				}
			}
			require.EqualValues(t, 90, index)
		}
	}
	require.Len(t, sessions, 2*callBridges)
}

// TestPost: every document arrives whole, and an answer that is not 200 is an error.
func TestPost(t *testing.T) {
	var arrived atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		if string(body) == "refuse" {
			http.Error(w, "not this one", http.StatusTeapot)
			return
		}
		arrived.Add(int64(len(body)))
	}))
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	document := bytes.Repeat([]byte("x"), 100_000)

	require.NoError(t, post(address, "/cdr", cdrType, [callBridges][][]byte{{document, document}, {document}}))
	require.EqualValues(t, 300_000, arrived.Load())

	err := post(address, "/cdr", cdrType, [callBridges][][]byte{{document}, {[]byte("refuse")}})
	require.ErrorContains(t, err, `posting of Call Bridge 1 to `+address+`/cdr: answered 418 I'm a teapot: "not this one\n"`)
}

// TestReport: ratios are taken within a round, and of an even number of rounds the
// median is between the two in the middle.
func TestReport(t *testing.T) {
	first := []cost{{10 * time.Microsecond, 20 * time.Microsecond}, {100 * time.Microsecond, 200 * time.Microsecond}}
	other := []cost{{5 * time.Microsecond, 10 * time.Microsecond}, {200 * time.Microsecond, 100 * time.Microsecond}}
	var out bytes.Buffer
	report(&out, 10, []found{{"one", first}, {"two", other}})
	require.Equal(t, `| 10 | one | 1.00 (1.00 to 1.00) | 55.0 (10.0 to 100.0) | 27500 (5000 to 50000) |
| 10 | two | 1.25 (0.50 to 2.00) | 102.5 (5.0 to 200.0) | 55000 (10000 to 100000) |
`, out.String())
	require.Equal(t, spread{1, 2, 4}, spreadOf([]float64{4, 1, 2}))
}

// TestMistakes: whoever forgot to build is told how.
func TestMistakes(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	require.ErrorContains(t, run(t.Context(), []string{"-collector", none}, new(bytes.Buffer)), "make build")
	require.ErrorContains(t, run(t.Context(), []string{"-rounds", "0"}, new(bytes.Buffer)), "-rounds 0")
	require.Error(t, run(t.Context(), []string{"-unknown"}, new(bytes.Buffer)))
}
