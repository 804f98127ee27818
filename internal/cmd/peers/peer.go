package main

import (
	"context"
	"fmt"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

const (
	cdrPath, cdrType = "/cdr", "application/xml"
	otlpPath         = "/v1/logs"
)

// peer is one of the receivers that are compared, and how it is posted to.
type peer struct {
	name              string
	server            *server
	path, contentType string
	// encoding of the log records that it is posted; nil where it is posted documents.
	encoding func(*encoded) [callBridges][][]byte
}

func (of peer) as(name string) peer {
	of.name = name
	return of
}

// work is what all peers are given in a measurement.
type work struct {
	records [callBridges][]wire.Record
	size    int // records a document
	encoded encoded
	runs    int // so far
}

// load is what the peer is posted, a run of it: new documents where it reads them.
func (w *work) load(of *peer) [callBridges][][]byte {
	if of.encoding != nil {
		return of.encoding(&w.encoded)
	}
	w.runs++
	return w.documents()
}

func (w *work) documents() (all [callBridges][][]byte) {
	for i, records := range w.records {
		all[i] = documentsOf(records, w.size, i, w.runs)
	}
	return all
}

// count is the number of records in a run.
func (w *work) count() (n int) {
	for _, records := range w.records {
		n += len(records) / w.size * w.size
	}
	return n
}

// cost is what a measurement found, for a record.
type cost struct{ processor, elapsed time.Duration }

// measure posts runs to the peer for at least so long.
func (of *peer) measure(w *work, least time.Duration) (cost, error) {
	var elapsed, processor time.Duration
	records := 0
	for elapsed < least {
		load := w.load(of)
		before, err := of.server.ProcessorTime()
		if err != nil {
			return cost{}, err
		}
		begun := time.Now()
		if err := post(of.server.address, of.path, of.contentType, load); err != nil {
			return cost{}, fmt.Errorf("%s: %w; the collector said:\n%s", of.name, err, of.server.Said())
		}
		elapsed += time.Since(begun)
		after, err := of.server.ProcessorTime()
		if err != nil {
			return cost{}, err
		}
		processor += after - before
		records += w.count()
	}
	n := time.Duration(records)
	return cost{processor: processor / n, elapsed: elapsed / n}, nil
}

// startPeers starts a collector for each; the first is what the others are compared
// with. The caller stops them.
func startPeers(ctx context.Context, binary, folder string) (peers []*peer, err error) {
	protobuf := func(all *encoded) [callBridges][][]byte { return all.protobuf }
	json := func(all *encoded) [callBridges][][]byte { return all.json }
	cdr := peer{name: "cms_cdr", path: cdrPath, contentType: cdrType}
	for _, of := range []struct {
		peer
		receiver string
		further  []string
	}{
		{cdr, cdrReceiver, []string{toNowhere("cms_cdr")}},
		{cdr.as("cms_cdr, file_storage"), cdrReceiver, []string{toNowhere("cms_cdr"), saving(folder)}},
		{peer{name: "otlp, protobuf", path: otlpPath, contentType: "application/x-protobuf", encoding: protobuf}, otlpReceiver, []string{toNowhere("otlp")}},
		{peer{name: "otlp, JSON", path: otlpPath, contentType: "application/json", encoding: json}, otlpReceiver, []string{toNowhere("otlp")}},
	} {
		of.server, err = startServer(ctx, binary, of.receiver, of.further...)
		if err != nil {
			stop(peers)
			return nil, fmt.Errorf("%s: %w", of.name, err)
		}
		peers = append(peers, &of.peer)
	}
	return peers, nil
}

func stop(peers []*peer) {
	for _, of := range peers {
		of.server.Kill()
	}
}
