package main

import (
	"bytes"
	"context"
	"io"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/listener"
)

// cmssim runs the command and returns what it writes.
func cmssim(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = run(t.Context(), args, &out, &errs)
	return out.String(), errs.String(), err
}

// TestDemo checks that the demonstration is posted, and that the summary counts its records.
func TestDemo(t *testing.T) {
	l := &listener.Listener{}
	server := httptest.NewServer(l)
	defer server.Close()
	stdout, stderr, err := cmssim(t, "-target", server.URL+"/cdr", "-demo", "-seed", "1")
	require.NoError(t, err)
	assert.Empty(t, stderr)
	assert.Contains(t, stdout, "(seed 1)\nrecords    41 reported, 41 acknowledged")
	assert.NotEmpty(t, l.Documents())
}

func TestHelp(t *testing.T) {
	stdout, _, err := cmssim(t, "-h")
	require.NoError(t, err)
	for _, part := range []string{"cmssim -demo", "-target", "outage=N", "-seed"} {
		assert.Contains(t, stdout, part)
	}
}

// TestInvalidFlags checks that each error names the wrong flag, value or argument, and refers to the help.
func TestInvalidFlags(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-rate", "0"}, "-bridges and -rate must be above 0"},
		{[]string{"-rate", "-3"}, "rate -3: use meetings per hour"},
		{[]string{"-bridges", "x"}, `"x" for flag -bridges`},
		{[]string{"-speed", "fast"}, "flag -speed: use a factor"},
		{[]string{"-speed", "0"}, "flag -speed: use a factor"},
		{[]string{"-faults", "loss=2"}, `flag -faults: "loss=2": use a probability`},
		{[]string{"-target", "ftp://192.0.2.1"}, `target "ftp://192.0.2.1": use a URI`},
		{[]string{"-duration", "0s"}, "duration 0s: set it"},
		{[]string{"http://192.0.2.1"}, `unexpected argument "http://192.0.2.1"`},
		{[]string{"-frobnicate"}, "-frobnicate"},
	} {
		_, _, err := cmssim(t, c.args...)
		require.ErrorContains(t, err, c.want)
		assert.ErrorContains(t, err, "cmssim -h explains the flags")
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	require.NoError(t, run(ctx, []string{"-duration", "1h"}, &out, io.Discard))
	assert.Contains(t, out.String(), "interrupted before the end")
}

// TestDefaults checks the defaults, including those that depend on other flags.
func TestDefaults(t *testing.T) {
	c, _, err := parse(nil)
	require.NoError(t, err)
	assert.Equal(t, "http://127.0.0.1:8080/cdr", c.Target)
	assert.Equal(t, 10*time.Minute, c.Duration)
	assert.InDelta(t, 1, c.Speed, 0)
	assert.Equal(t, giveUp, c.GiveUp)
	other, _, err := parse(nil)
	require.NoError(t, err)
	assert.NotEqual(t, c.Seed, other.Seed)

	c, _, err = parse([]string{"-calls", "3", "-speed", "max"})
	require.NoError(t, err)
	assert.Zero(t, c.Duration)
	assert.Zero(t, c.Speed)

	c, _, err = parse([]string{"-demo"})
	require.NoError(t, err)
	assert.Zero(t, c.Speed)
}

// TestVersion checks that -version prints the version and posts nothing.
func TestVersion(t *testing.T) {
	version = "1.2.3"
	t.Cleanup(func() { version = "unreleased" })
	stdout, stderr, err := cmssim(t, "-version", "-target", "http://127.0.0.1:1/cdr")
	require.NoError(t, err)
	require.Equal(t, "cmssim version 1.2.3\n", stdout)
	require.Empty(t, stderr)
}
