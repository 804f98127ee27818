package e2e

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// program is the path of a program that an environment variable names.
func program(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skipf("%s names no program: make e2e sets it", variable)
	}
	return path
}

// run starts such a program, which ends with the test. What it said is shown where
// the test failed.
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
