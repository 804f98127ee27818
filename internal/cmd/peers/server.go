package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// server is a collector that runs one of the receivers.
type server struct {
	*otelcol.Collector
	address string
}

// startServer starts the collector with the configuration of a receiver, in which %s is the
// address to listen on, and further configurations. It waits until the receiver listens. The
// caller kills the collector.
func startServer(ctx context.Context, binary, receiver string, configs ...string) (*server, error) {
	address, err := otelcol.FreeAddress()
	if err != nil {
		return nil, err
	}
	all := []string{"yaml:" + fmt.Sprintf(receiver, address)}
	for _, config := range configs {
		all = append(all, "yaml:"+config)
	}
	collector, err := otelcol.Start(ctx, binary, all...)
	if err != nil {
		return nil, err
	}
	isListening := func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}
	ready, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := collector.Poll(ready, isListening); err != nil {
		collector.Kill()
		return nil, fmt.Errorf("the collector does not listen on %s: %w; its output:\n%s", address, err, collector.Output())
	}
	return &server{Collector: collector, address: address}, nil
}

// onOneCore writes a script that runs the collector on the first core of the machine, with
// GOMAXPROCS 1. It returns the path of the script, which is in the folder.
func onOneCore(folder, binary string) (string, error) {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "collector")
	script := fmt.Sprintf("#!/bin/sh\nGOMAXPROCS=1 exec taskset -c 0 '%s' \"$@\"\n", binary)
	return path, os.WriteFile(path, []byte(script), 0o700)
}
