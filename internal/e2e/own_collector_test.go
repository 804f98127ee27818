package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOwnCollector checks that ocb builds a collector from builder-config.yaml in a folder
// without other files, and that the collector has the receiver and accepts
// examples/collector.yaml. The only change to builder-config.yaml is that the line "path"
// is uncommented and set to this clone.
func TestOwnCollector(t *testing.T) {
	builder := program(t, "BUILDER")
	clone, err := filepath.Abs("../..")
	require.NoError(t, err)
	text, err := os.ReadFile("../../builder-config.yaml")
	require.NoError(t, err)
	const pathComment = "# path: ../cmscdrreceiver\n"
	require.Equal(t, 1, strings.Count(string(text), pathComment))
	folder := t.TempDir()
	file := filepath.Join(folder, "builder-config.yaml")
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(text), pathComment, "path: "+clone+"\n", 1)), 0o600))

	build := exec.CommandContext(t.Context(), builder, "--config", file)
	build.Dir = folder
	// These are the settings of make build, so that its compiled packages are used.
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS="+os.Getenv("GOFLAGS")+" -trimpath")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	collector := filepath.Join(folder, "build", "otelcol-cms")
	out, err = exec.CommandContext(t.Context(), collector, "components").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "name: cms_cdr\n")
	example, err := filepath.Abs("../../examples/collector.yaml")
	require.NoError(t, err)
	out, err = exec.CommandContext(t.Context(), collector, "validate", "--config", example).CombinedOutput()
	require.NoError(t, err, "%s", out)
}
