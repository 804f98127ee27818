package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/expect"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/listener"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
)

// cmssim runs the command and returns what it wrote.
func cmssim(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = run(t.Context(), args, &out, &errs)
	return out.String(), errs.String(), err
}

func TestDemo(t *testing.T) {
	l := &listener.Listener{}
	server := httptest.NewServer(l)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "expect.json")
	stdout, stderr, err := cmssim(t, "-target", server.URL+"/cdr", "-demo", "-seed", "1", "-expect", file)
	require.NoError(t, err)
	assert.Empty(t, stderr)
	assert.Contains(t, stdout, "(seed 1)\nrecords       41 reported, 41 acknowledged")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var counts expect.Counts
	require.NoError(t, json.Unmarshal(text, &counts))
	assert.Equal(t, 41, counts.Acknowledged)
	assert.NotEmpty(t, l.Documents())
}

func TestExpectationOnStandardOutput(t *testing.T) {
	server := httptest.NewServer(&listener.Listener{})
	defer server.Close()
	stdout, stderr, err := cmssim(t, "-target", server.URL+","+server.URL+"/2", "-calls", "3", "-speed", "max",
		"-start", "2026-01-02T03:04:05Z", "-faults", "loss=0.1", "-expect", "-", "-ids")
	require.NoError(t, err)
	var counts expect.Counts
	require.NoError(t, json.Unmarshal([]byte(stdout), &counts))
	assert.NotEmpty(t, counts.Ended.Calls)
	assert.Contains(t, stderr, "acknowledged")
}

func TestHelp(t *testing.T) {
	stdout, _, err := cmssim(t, "-h")
	require.NoError(t, err)
	for _, part := range []string{"cmssim -demo", "-target", "losequeue", "-give-up", "-expect"} {
		assert.Contains(t, stdout, part)
	}
	assert.NotContains(t, stdout, "follows from (default", "the seed is another one every time")
}

func TestWrongFlags(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-rate", "0"}, "-rate 0: use a number above 0"},
		{[]string{"-rate", "-3"}, "-rate -3: meetings an hour"},
		{[]string{"-bridges", "x"}, `"x" for flag -bridges`},
		{[]string{"-speed", "fast"}, `flag -speed: use a factor`},
		{[]string{"-faults", "loss=2"}, "flag -faults: loss=2: use a probability"},
		{[]string{"-start", "noon"}, "flag -start"},
		{[]string{"-target", "ftp://192.0.2.1"}, "-target ftp://192.0.2.1: use a URI"},
		{[]string{"-target", "a,b,c,d,e"}, "-target 5: name one to four"},
		{[]string{"-duration", "0s"}, "-duration 0s: set it"},
		{[]string{"http://192.0.2.1"}, "is no flag: a receiver is named with -target"},
		{[]string{"-frobnicate"}, "-frobnicate"},
	} {
		_, _, err := cmssim(t, test.args...)
		require.ErrorContains(t, err, test.want)
		assert.ErrorContains(t, err, "cmssim -h explains the flags")
	}
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close() // its port is free, and nobody is there
	_, stderr, err := cmssim(t, "-target", server.URL, "-demo", "-give-up", "1ms", "-quiet")
	require.ErrorContains(t, err, "gave up")
	assert.Contains(t, stderr, "does not answer")
}

func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out bytes.Buffer
	require.NoError(t, run(ctx, []string{"-duration", "1h"}, &out, io.Discard))
	assert.Contains(t, out.String(), "stopped before the end")
}

func TestExpectationThatCannotBeWritten(t *testing.T) {
	server := httptest.NewServer(&listener.Listener{})
	defer server.Close()
	_, _, err := cmssim(t, "-target", server.URL, "-demo", "-quiet", "-expect", t.TempDir())
	require.ErrorContains(t, err, "-expect")
}

func TestProgressRewritesOneLine(t *testing.T) {
	var out, errs bytes.Buffer
	s := &screen{out: &out, err: &errs, terminal: true}
	s.progress(simulate.Summary{At: time.Minute, Span: time.Hour, Records: 7})
	s.summary(simulate.Summary{}, 1, false)
	assert.Equal(t, "\r\x1b[K1m0s of 1h0m0s  7 records  0 POSTs  0 sent again\r\x1b[K", errs.String())

	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer file.Close()
	assert.False(t, isTerminal(file))
	assert.False(t, isTerminal(&out))
}

func TestDefaults(t *testing.T) {
	o, err := parse(nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"http://127.0.0.1:8080/cdr"}, o.config.Targets)
	assert.Equal(t, 10*time.Minute, o.config.Duration)
	assert.InDelta(t, 1, o.config.Speed, 0)
	p, err := parse(nil)
	require.NoError(t, err)
	assert.NotEqual(t, o.config.Seed, p.config.Seed)

	o, err = parse([]string{"-calls", "3", "-speed", "max"})
	require.NoError(t, err)
	assert.Zero(t, o.config.Duration)
	assert.Zero(t, o.config.Speed)
}

// TestVersion: a release tells its version, and does nothing else.
func TestVersion(t *testing.T) {
	version = "1.2.3"
	t.Cleanup(func() { version = "of no release" })
	stdout, stderr, err := cmssim(t, "-version", "-target", "http://127.0.0.1:1/cdr")
	require.NoError(t, err)
	require.Equal(t, "cmssim version 1.2.3\n", stdout)
	require.Empty(t, stderr)
}
