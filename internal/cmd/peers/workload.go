package main

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// clusterSize is the number of Call Bridges that post at the same time in a comparison,
// each over its own connection.
const clusterSize = 4

// workload is what every peer receives in a comparison.
type workload struct {
	records     [][]wire.Record // by Call Bridge
	perDocument int
	encoded     encodedDocuments
	runs        int // documents were made for
}

// load returns the requests of one run to the peer.
func (w *workload) load(p *peer) [][]request {
	if p.encoding != nil {
		return p.encoding(&w.encoded)
	}
	w.runs++
	return w.documents()
}

func (w *workload) documents() [][]request {
	documents := make([][]request, len(w.records))
	for i, records := range w.records {
		documents[i] = documentsOf(records, w.perDocument, i, w.runs)
	}
	return documents
}

// recordCount is the number of records in a run.
func (w *workload) recordCount() (n int) {
	for _, records := range w.records {
		n += len(records) / w.perDocument * w.perDocument
	}
	return n
}
