// Package otelcol runs a collector that was built, as a process of its own.
package otelcol

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ErrEnded: the collector ended by itself.
var ErrEnded = errors.New("the collector ended")

// Collector is a collector that runs.
type Collector struct {
	command *exec.Cmd
	output  Output
	ended   chan struct{}
	err     error // of the command, once ended
	once    sync.Once
}

// Start starts the collector with configurations: paths of files, or YAML behind
// "yaml:"; the later ones change the earlier. It ends with ctx at the latest.
func Start(ctx context.Context, binary string, configs ...string) (*Collector, error) {
	c := &Collector{ended: make(chan struct{})}
	var args []string
	for _, config := range configs {
		args = append(args, "--config", config)
	}
	c.command = exec.CommandContext(ctx, binary, args...)
	c.command.Stdout, c.command.Stderr = &c.output, &c.output
	if err := c.command.Start(); err != nil {
		return nil, fmt.Errorf("cannot start the collector; does %q exist? make build makes it: %w", binary, err)
	}
	go func() {
		c.err = c.command.Wait()
		close(c.ended)
	}()
	return c, nil
}

// given are the addresses that FreeAddress gave: who asked may not listen yet, and
// the system may offer one again.
var given sync.Map

// FreeAddress is an address of the loopback interface that nobody listens on. It
// gives each once.
func FreeAddress() (string, error) {
	for {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		address := listener.Addr().String()
		if err := listener.Close(); err != nil {
			return "", err
		}
		if _, before := given.LoadOrStore(address, true); !before {
			return address, nil
		}
	}
}

// Ready waits until the URL answers 200.
func (c *Collector) Ready(ctx context.Context, url string) error {
	return c.Poll(ctx, func() bool {
		_, err := Get(ctx, url)
		return err == nil
	})
}

// Poll asks again and again until it is told yes.
func (c *Collector) Poll(ctx context.Context, ask func() bool) error {
	for !ask() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.ended:
			return errors.Join(ErrEnded, c.err)
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

// Stop lets the collector end in order, once.
func (c *Collector) Stop() (err error) {
	c.once.Do(func() {
		err = c.command.Process.Signal(syscall.SIGTERM)
		<-c.ended
		if c.err != nil {
			err = c.err
		}
	})
	return err
}

// Kill ends it at once, without a word.
func (c *Collector) Kill() {
	c.once.Do(func() {
		_ = c.command.Process.Kill()
		<-c.ended
	})
}

// Said is what it printed.
func (c *Collector) Said() string { return c.output.String() }

// Output keeps what a process prints while it runs. Its zero value is empty.
type Output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write keeps p. It never fails.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

// String is all that was printed so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// Get is what the URL answers, if it answers 200.
func Get(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", url, answer.Status)
	}
	return string(text), err
}

// PeakMemory is the most memory that the collector had so far, in bytes. Linux tells
// it.
func (c *Collector) PeakMemory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	var kib int64
	_, err = fmt.Sscan(peak, &kib)
	return kib << 10, err
}

// ProcessorTime is what the collector took of the processors so far, to the hundredth
// of a second in which Linux tells it.
func (c *Collector) ProcessorTime() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The name of the program, in brackets, may hold anything.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const user, system = 11, 12
	if len(fields) <= system {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields behind the name: %q", c.command.Process.Pid, len(fields), stat)
	}
	var ticks time.Duration
	for _, field := range fields[user : system+1] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += time.Duration(n)
	}
	return ticks * time.Second / 100, nil
}
