// Command peers compares what records cost the receiver with what the collector's own
// OTLP receiver takes for the log records that are made of them. Each runs in a
// collector of its own on the first core of the machine, in turn, over real HTTP.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// sizes are the records a document, each with the records that every Call Bridge
// posts in a run: a run takes some tenths of a second.
var sizes = []struct{ size, records int }{{1, 2000}, {10, 5000}, {100, 10000}}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("peers", flag.ContinueOnError)
	binary := flags.String("collector", "build/otelcol-cms", "the collector to start")
	rounds := flags.Int("rounds", 5, "how often each receiver has its turn")
	least := flags.Duration("least", 2*time.Second, "how long a turn is at least")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 1 {
		return fmt.Errorf("-rounds %d: at least one is needed", *rounds)
	}
	folder, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	pinned, err := onOneCore(folder, *binary)
	if err != nil {
		return err
	}
	fmt.Fprint(out, tableHead)
	for _, of := range sizes {
		w := &work{records: recordsOf(of.records), size: of.size}
		if w.encoded, err = capture(ctx, *binary, w.documents()); err != nil {
			return err
		}
		all, err := compare(ctx, pinned, filepath.Join(folder, strconv.Itoa(of.size)), w, *rounds, *least)
		if err != nil {
			return err
		}
		report(out, of.size, all)
	}
	return nil
}

// compare gives every peer its turn in every round. The first run of each warms it up.
func compare(ctx context.Context, binary, folder string, w *work, rounds int, least time.Duration) ([]found, error) {
	peers, err := startPeers(ctx, binary, folder)
	if err != nil {
		return nil, err
	}
	defer stop(peers)
	all := make([]found, len(peers))
	for i, of := range peers {
		all[i].name = of.name
		if _, err := of.measure(w, 1); err != nil {
			return nil, err
		}
	}
	for range rounds {
		for i, of := range peers {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			spent, err := of.measure(w, least)
			if err != nil {
				return nil, err
			}
			all[i].costs = append(all[i].costs, spent)
		}
	}
	return all, nil
}
