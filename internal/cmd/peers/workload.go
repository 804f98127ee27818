package main

import (
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// clusterSize is the number of Call Bridges that post at the same time in a comparison,
// each over its own connection.
const clusterSize = 4

// workload is what the peers receive in a comparison. A run posts it once to one peer,
// as CDR documents or as OTLP requests.
type workload struct {
	records     [][]wire.Record // by Call Bridge
	perDocument int
	encoded     encodedDocuments // what the receiver emits for the documents of run 0
}

// nextRun returns the requests of the peer's next run. A receiver of CDRs ignores
// records that it accepted before, so each run continues the sessions of the run before.
func (w *workload) nextRun(p *peer) [][]request {
	if p.encoding != nil {
		return p.encoding(&w.encoded)
	}
	p.runs++
	return w.documents(p.runs - 1)
}

// documents returns the CDR documents of a run by Call Bridge. The first run is number 0.
func (w *workload) documents(run int) [][]request {
	documents := make([][]request, len(w.records))
	for i, records := range w.records {
		documents[i] = documentsOf(repetition(records, run, w.length()), w.perDocument, i)
	}
	return documents
}

// length returns the longest simulated time from the first to the last record of a Call
// Bridge in a run.
func (w *workload) length() (length time.Duration) {
	for _, records := range w.records {
		length = max(length, records[len(records)-1].Time.Sub(records[0].Time))
	}
	return length
}

// recordCount returns the number of records in a run.
func (w *workload) recordCount() (n int) {
	for _, records := range w.records {
		n += len(records)
	}
	return n
}
