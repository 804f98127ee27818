package main

import (
	"context"
	"fmt"
	"time"
)

// peer is one of the receivers that are compared.
type peer struct {
	name     string
	server   *server
	endpoint endpoint
	// encoding selects the OTLP requests that the peer receives; nil if it receives
	// CDR documents.
	encoding func(*encodedDocuments) [][]request
	// runs is the number of runs with CDR documents so far.
	runs int
}

// cost is the mean time that one record took in a measurement: processor time of the
// collector, and elapsed time.
type cost struct{ processor, elapsed time.Duration }

// measure posts runs to the peer until their total time reaches the duration. It excludes
// the time to encode documents.
func (p *peer) measure(w *workload, duration time.Duration) (cost, error) {
	before, err := p.server.CPUTime()
	if err != nil {
		return cost{}, err
	}
	var elapsed time.Duration
	records := 0
	for elapsed < duration {
		load := w.nextRun(p)
		start := time.Now()
		if err := p.endpoint.post(load); err != nil {
			return cost{}, fmt.Errorf("%s: %w; output of the collector:\n%s", p.name, err, p.server.Output())
		}
		elapsed += time.Since(start)
		records += w.recordCount()
	}
	after, err := p.server.CPUTime()
	if err != nil {
		return cost{}, err
	}
	n := time.Duration(records)
	return cost{processor: (after - before) / n, elapsed: elapsed / n}, nil
}

// startPeers starts a collector for each variant. The caller stops the peers.
func startPeers(ctx context.Context, binary string, all []variant) (peers []*peer, err error) {
	for _, v := range all {
		p := &peer{name: v.name, endpoint: v.endpoint, encoding: v.encoding}
		p.server, err = startServer(ctx, binary, v.receiver, v.configs...)
		if err != nil {
			stop(peers)
			return nil, fmt.Errorf("%s: %w", v.name, err)
		}
		p.endpoint.address = p.server.address
		peers = append(peers, p)
	}
	return peers, nil
}

func stop(peers []*peer) {
	for _, p := range peers {
		p.server.Kill()
	}
}
