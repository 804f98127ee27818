package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

const (
	// backlogBridges is the number of Call Bridges that post the backlog at the same time.
	backlogBridges = 8
	// backlogPerDocument is the number of records in a document of the backlog, about 0.55 MB.
	backlogPerDocument = 1000
	// liveInterval is the time between two documents of the Call Bridge without a backlog,
	// unless the answer to the first takes longer.
	liveInterval = 20 * time.Millisecond
)

// postBacklog posts a backlog to a receiver with storage that exports over otlp_grpc to
// another collector, while one more Call Bridge posts single records. It prints how fast
// the backlog is received, how much memory that takes, and how long the answers to the
// other Call Bridge take.
func postBacklog(ctx context.Context, binary, folder string, records int, out io.Writer) error {
	target, collector, err := startPair(ctx, binary, folder)
	if err != nil {
		return err
	}
	defer target.Kill()
	defer collector.Kill()
	simulated := simulate(backlogBridges+1, records+records/backlogBridges)
	backlog := make([][]request, backlogBridges)
	posted := 0
	for i := range backlog {
		posted += len(simulated[i])
		backlog[i] = documentsOf(simulated[i], backlogPerDocument, i)
	}
	receiver := endpoint{address: collector.address, contentType: "application/xml"}
	live, stopLive := context.WithCancel(ctx)
	latencies := make(chan []time.Duration, 1)
	liveErr := make(chan error, 1)
	go func() {
		measured, err := receiver.postLive(live, simulated[backlogBridges])
		latencies <- measured
		liveErr <- err
	}()
	start := time.Now()
	if err := receiver.post(backlog); err != nil {
		stopLive()
		return fmt.Errorf("%w; output of the collector:\n%s", err, collector.Output())
	}
	elapsed := time.Since(start)
	stopLive()
	measured, err := <-latencies, <-liveErr
	if err != nil {
		return err
	}
	if len(measured) == 0 {
		return fmt.Errorf("-backlog is %d, and the whole backlog was received before the other Call Bridge posted a record: set it to more", records)
	}
	peak, err := collector.PeakMemory()
	if err != nil {
		return err
	}
	slices.Sort(measured)
	fmt.Fprintf(out, "%d records from %d Call Bridges in %.1f s: %.0f records/s\n",
		posted, backlogBridges, elapsed.Seconds(), float64(posted)/elapsed.Seconds())
	fmt.Fprintf(out, "peak memory of the collector: %d MiB\n", peak>>20)
	fmt.Fprintf(out, "%d answers to a Call Bridge without a backlog: median %v, 99th percentile %v, longest %v\n",
		len(measured), measured[len(measured)/2].Round(time.Millisecond/10), measured[len(measured)*99/100].Round(time.Millisecond/10),
		measured[len(measured)-1].Round(time.Millisecond/10))
	return nil
}

// startPair starts the target and the collector that exports to it. The caller kills
// both.
func startPair(ctx context.Context, binary, folder string) (target, collector *server, err error) {
	grpc, err := otelcol.FreeAddress()
	if err != nil {
		return nil, nil, err
	}
	target, err = startServer(ctx, binary, otlpReceiver, fmt.Sprintf("receivers: {otlp: {protocols: {grpc: {endpoint: '%s'}}}}", grpc), nopConfig("otlp"))
	if err != nil {
		return nil, nil, err
	}
	collector, err = startServer(ctx, binary, cdrReceiver, storageConfig(filepath.Join(folder, "storage"), false), grpcConfig(grpc))
	if err != nil {
		target.Kill()
	}
	return target, collector, err
}

// postLive posts records of the last Call Bridge one by one until the context is done or
// no record is left, and returns how long each answer took.
func (e endpoint) postLive(ctx context.Context, records []wire.Record) (latencies []time.Duration, err error) {
	client, err := e.dial()
	if err != nil {
		return nil, err
	}
	defer client.connection.Close()
	tick := time.NewTicker(liveInterval)
	defer tick.Stop()
	for i := range records {
		select {
		case <-ctx.Done():
			return latencies, nil
		case <-tick.C:
		}
		document := documentsOf(records[i:i+1], 1, backlogBridges)
		start := time.Now()
		if err := client.post(document[0]); err != nil {
			return latencies, err
		}
		latencies = append(latencies, time.Since(start))
	}
	return latencies, nil
}
