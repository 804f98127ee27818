package manifests

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// examples is the folder with the examples.
const examples = "../../../examples"

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

// accepts checks that the program succeeds with its arguments.
func accepts(t *testing.T, variable string, env []string, args ...string) {
	t.Helper()
	command := exec.Command(program(t, variable), args...)
	command.Env = append(os.Environ(), env...)
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%v: %s", args, out)
}

// collectorAccepts checks that the collector accepts a configuration, with an
// existing folder instead of the container's volume.
func collectorAccepts(t *testing.T, args []string) {
	t.Helper()
	folder := "--config=yaml:extensions::file_storage::directory: " + t.TempDir()
	accepts(t, "COLLECTOR", nil, append(append([]string{"validate"}, args...), folder)...)
}

// value returns the value at keys of a configuration; an index is the key in a list.
func value(t *testing.T, config any, keys ...any) any {
	t.Helper()
	for _, key := range keys {
		switch key := key.(type) {
		case string:
			below, _ := config.(map[string]any)
			require.Contains(t, below, key)
			config = below[key]
		case int:
			below, _ := config.([]any)
			require.Greater(t, len(below), key)
			config = below[key]
		}
	}
	return config
}

// collectorPorts returns the ports on which a configuration receives CDRs, and serves
// metrics and its own metrics. All must listen on every address of the container.
func collectorPorts(t *testing.T, config any) (cdr, metrics, own int) {
	t.Helper()
	reader := value(t, config, "service", "telemetry", "metrics", "readers", 0, "pull", "exporter", "prometheus")
	require.Equal(t, "0.0.0.0", value(t, reader, "host"))
	return portOf(t, value(t, config, "receivers", "cms_cdr", "http", "endpoint")),
		portOf(t, value(t, config, "exporters", "prometheus", "endpoint")), int(value(t, reader, "port").(float64))
}

func portOf(t *testing.T, endpoint any) int {
	t.Helper()
	host, port, err := net.SplitHostPort(fmt.Sprint(endpoint))
	require.NoError(t, err)
	require.Equal(t, "0.0.0.0", host)
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	return number
}

// read parses a YAML file as JSON.
func read(t *testing.T, path string) (config any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &config), path)
	return config
}

// copyTo copies a file or a folder to its place in a container, below root.
func copyTo(t *testing.T, root, source, target string) {
	t.Helper()
	to := filepath.Join(root, target)
	require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o700))
	if info, err := os.Stat(source); err == nil && info.IsDir() {
		require.NoError(t, os.CopyFS(to, os.DirFS(source)))
		return
	}
	text, err := os.ReadFile(source)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, text, 0o600))
}

// below returns a container's arguments with the paths of configurations below root.
func below(root string, args []string) (moved []string) {
	for _, arg := range args {
		moved = append(moved, strings.Replace(arg, "=/etc/", "="+root+"/etc/", 1))
	}
	return moved
}
