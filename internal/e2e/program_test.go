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
		t.Skipf("set %s to the path of the program, as make e2e does", variable)
	}
	return path
}

// run starts a program that an environment variable names, and kills it at the end of the
// test. Its output is logged if the test fails.
func run(t *testing.T, variable string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, program(t, variable), args...)
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	t.Cleanup(cancel)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		cancel()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("output of %s:\n%s", variable, output.String())
		}
	})
}
