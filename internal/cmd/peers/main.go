// Command peers compares what a record costs in the receiver and in the collector's own OTLP
// receiver. The OTLP receiver gets what the receiver emits for the record: the log record
// alone, or also the spans. The command also measures the receiver with TLS, with storage,
// and with storage and an exporter. Each receiver runs in its own collector on the first core
// of the machine, and they are measured one after another, over HTTP. With -backlog the
// command instead measures how the receiver processes a backlog.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otlpsink"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// sizes are the numbers of records in a document for which the receivers are compared, each
// with the least number of records in a run. A run takes tenths of a second, except at the
// receiver that exports.
var sizes = []struct{ perDocument, records int }{{1, 2_000}, {10, 8_000}, {100, 16_000}}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("peers", flag.ContinueOnError)
	binary := flags.String("collector", "build/otelcol-cms", "`path` of the collector to start")
	rounds := flags.Int("rounds", 15, "`number` of measurements of each receiver")
	duration := flags.Duration("duration", time.Second/2, "shortest `time` of a measurement")
	backlog := flags.Int("backlog", 0, "`number` of records of a backlog to post; 0 to compare receivers")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil // Parse printed the flags
	case err != nil:
		return err
	}
	if *rounds < 1 {
		return fmt.Errorf("-rounds is %d: set it to 1 or more", *rounds)
	}
	if *duration <= 0 {
		return fmt.Errorf("-duration is %v: set it above 0", *duration)
	}
	folder, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if *backlog > 0 {
		return postBacklog(ctx, *binary, folder, *backlog, out)
	}
	pinned, err := onOneCore(folder, *binary)
	if err != nil {
		return err
	}
	fmt.Fprint(out, tableHead)
	for _, s := range sizes {
		w := &workload{records: simulate(clusterSize, s.records), perDocument: s.perDocument}
		if w.encoded, err = capture(ctx, *binary, w.documents(0)); err != nil {
			return err
		}
		results, err := compare(ctx, pinned, filepath.Join(folder, strconv.Itoa(s.perDocument)), w, *rounds, *duration)
		if err != nil {
			return err
		}
		report(out, s.perDocument, results)
	}
	return nil
}

// compare measures every peer once in every round, after one run to warm it up.
func compare(ctx context.Context, binary, folder string, w *workload, rounds int, duration time.Duration) ([]result, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	sink, err := otlpsink.Listen(
		func(string, plog.Logs) error { return nil },
		func(string, ptrace.Traces) error { return nil },
	)
	if err != nil {
		return nil, err
	}
	defer sink.Close()
	all, err := variants(folder, sink.URL)
	if err != nil {
		return nil, err
	}
	peers, err := startPeers(ctx, binary, all)
	if err != nil {
		return nil, err
	}
	defer stop(peers)
	results := make([]result, len(peers))
	for i, p := range peers {
		results[i].name = p.name
		if _, err := p.measure(w, time.Nanosecond); err != nil { // which is one run
			return nil, err
		}
	}
	for range rounds {
		for i, p := range peers {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			c, err := p.measure(w, duration)
			if err != nil {
				return nil, err
			}
			results[i].costs = append(results[i].costs, c)
		}
	}
	return results, nil
}
