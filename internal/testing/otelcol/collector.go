// Package otelcol runs a built collector as a process, for tests, benchmarks and the
// demonstration.
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

// ErrExited is returned by Poll and Ready if the collector exits while they wait.
var ErrExited = errors.New("the collector exited")

// Collector is a running collector.
type Collector struct {
	command  *exec.Cmd
	output   Output
	exited   chan struct{}
	err      error // of the command, once exited is closed
	stopOnce sync.Once
}

// Start starts the collector. A config is the path of a file, or YAML with the prefix
// "yaml:"; later ones override earlier ones. The collector is killed when ctx ends. The
// caller must call Stop or Kill.
func Start(ctx context.Context, binary string, configs ...string) (*Collector, error) {
	c := &Collector{exited: make(chan struct{})}
	var args []string
	for _, config := range configs {
		args = append(args, "--config", config)
	}
	c.command = exec.CommandContext(ctx, binary, args...)
	c.command.Stdout, c.command.Stderr = &c.output, &c.output
	if err := c.command.Start(); err != nil {
		return nil, fmt.Errorf("cannot start the collector %q: %w; build it with make build", binary, err)
	}
	go func() {
		c.err = c.command.Wait()
		close(c.exited)
	}()
	return c, nil
}

// usedAddresses are the addresses that FreeAddress returned. The system may choose an
// address again before the caller listens on it.
var usedAddresses sync.Map

// FreeAddress returns an unused address of the loopback interface. It returns each
// address once.
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
		if _, used := usedAddresses.LoadOrStore(address, true); !used {
			return address, nil
		}
	}
}

// Ready waits until a GET of the URL is answered with 200.
func (c *Collector) Ready(ctx context.Context, url string) error {
	return c.Poll(ctx, func() bool {
		_, err := Get(ctx, url)
		return err == nil
	})
}

// Poll waits until the condition holds. It returns an error if the collector exits
// or ctx ends first.
func (c *Collector) Poll(ctx context.Context, condition func() bool) error {
	for !condition() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.exited:
			return errors.Join(ErrExited, c.err)
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

// Stop shuts the collector down and waits until it has exited. It returns an error if the
// collector exits with one, or exited before the call. Only the first call of Stop or Kill
// has an effect.
func (c *Collector) Stop() (err error) {
	c.stopOnce.Do(func() {
		err = c.command.Process.Signal(syscall.SIGTERM)
		<-c.exited
		if c.err != nil {
			err = c.err
		}
	})
	return err
}

// Kill kills the collector and waits until it has exited.
func (c *Collector) Kill() {
	c.stopOnce.Do(func() {
		_ = c.command.Process.Kill()
		<-c.exited
	})
}

// Output returns what the collector has printed so far.
func (c *Collector) Output() string { return c.output.String() }

// Output collects the output of a running process. Its zero value is ready to use.
type Output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write appends p. It never fails.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

// String returns the output so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// Get returns the body of the answer to a GET. A status other than 200 is an error.
func Get(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", url, resp.Status)
	}
	return string(body), err
}

// PeakMemory returns the peak resident memory of the collector in bytes, on Linux.
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

// CPUTime returns the processor time that the collector has used, on Linux. It has
// a resolution of 10 ms.
func (c *Collector) CPUTime() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The name of the program, in parentheses, may contain spaces and parentheses.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const user, system = 11, 12
	if len(fields) <= system {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields after the name: %q", c.command.Process.Pid, len(fields), stat)
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
