package e2e

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// program returns the path of a program that an environment variable names, and skips
// the test without it.
func program(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skipf("%s names no program: make e2e sets it", variable)
	}
	return path
}

// run starts such a program, which ends with the test. Its output is shown if the
// test fails.
func run(t *testing.T, variable string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, program(t, variable), args...)
	var said strings.Builder
	command.Stdout, command.Stderr = &said, &said
	t.Cleanup(cancel)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		cancel()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", variable, said.String())
		}
	})
}
