package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// collector is a collector that runs, on free ports of the loopback address.
type collector struct {
	cdr     string // where to post
	metrics string // where to scrape

	command *exec.Cmd
	output  output
	ended   chan struct{}
	err     error // of the command, once ended
	once    sync.Once
}

// overlay changes of the user's configuration what the show needs: free ports,
// a short interval, and an exporter that brings everything here.
const overlay = `yaml:
receivers: {cms_cdr: {http: {endpoint: %q}, metrics: {interval: 1s}}}
exporters:
  otlp_http: {endpoint: %q, compression: none}
  prometheus: {endpoint: %q}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {exporters: [otlp_http]}
    logs: {exporters: [otlp_http]}
`

// start starts the collector with the configuration; logs and spans go to sink.
func start(ctx context.Context, binary, config, sink string) (*collector, error) {
	cdr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	prometheus, err := freeAddress()
	if err != nil {
		return nil, err
	}
	c := &collector{
		cdr: "http://" + cdr + "/cdr", metrics: "http://" + prometheus + "/metrics", ended: make(chan struct{}),
	}
	c.command = exec.CommandContext(ctx, binary, "--config", config, "--config", fmt.Sprintf(overlay, cdr, sink, prometheus))
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

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// ready waits until the receiver answers.
func (c *collector) ready(ctx context.Context) error {
	return c.poll(ctx, func() bool {
		_, err := get(ctx, c.cdr)
		return err == nil
	})
}

// scrape waits until the samples of that name add up to want and returns all of
// them, as Prometheus would see them.
func (c *collector) scrape(ctx context.Context, name string, want int) (text string, err error) {
	err = c.poll(ctx, func() bool {
		var err error
		text, err = get(ctx, c.metrics)
		return err == nil && total(text, name) == want
	})
	if err != nil {
		return "", fmt.Errorf("%s is %d, not %d: %w", name, total(text, name), want, err)
	}
	return text, nil
}

// poll asks again and again until it is told yes.
func (c *collector) poll(ctx context.Context, ask func() bool) error {
	for !ask() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.ended:
			return errors.Join(errEnded, c.err)
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// stop lets the collector end in order, once.
func (c *collector) stop() (err error) {
	c.once.Do(func() {
		err = c.command.Process.Signal(syscall.SIGTERM)
		<-c.ended
		if c.err != nil {
			err = c.err
		}
	})
	return err
}

func (c *collector) said() string { return c.output.String() }

// output keeps what the collector prints.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

func get(ctx context.Context, url string) (string, error) {
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

// total adds up the samples of that name in Prometheus' text format.
func total(text, name string) (sum int) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, name+"{") {
			continue
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, '}')+1:]), 64)
		if err == nil {
			sum += int(value)
		}
	}
	return sum
}
