package main

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// clusterSize is the number of Call Bridges that post at the same time in a comparison,
// each over its own connection.
const clusterSize = 4

// workload is what every peer receives in a comparison. A run posts all of it once.
type workload struct {
	records     [][]wire.Record // by Call Bridge
	perDocument int
	encoded     encodedDocuments
	runs        int // number of runs with CDR documents so far
}

// load returns the requests to the peer for the next run.
func (w *workload) load(p *peer) [][]request {
	if p.encoding != nil {
		return p.encoding(&w.encoded)
	}
	w.runs++
	return w.documents()
}

// documents returns the CDR documents of the current run, by Call Bridge.
func (w *workload) documents() [][]request {
	documents := make([][]request, len(w.records))
	for i, records := range w.records {
		documents[i] = documentsOf(records, w.perDocument, i, w.runs)
	}
	return documents
}

// recordCount returns the number of records in a run.
func (w *workload) recordCount() (n int) {
	for _, records := range w.records {
		n += len(records) / w.perDocument * w.perDocument
	}
	return n
}
