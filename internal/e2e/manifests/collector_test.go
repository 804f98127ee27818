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
		t.Skipf("set %s to the path of the program, as make e2e does", variable)
	}
	return path
}

// accepts checks that a program succeeds with the arguments.
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

// value returns the value at a path of keys in a configuration. A key in a list is an index.
func value(t *testing.T, config any, keys ...any) any {
	t.Helper()
	for _, key := range keys {
		switch key := key.(type) {
		case string:
			fields, _ := config.(map[string]any)
			require.Contains(t, fields, key)
			config = fields[key]
		case int:
			list, _ := config.([]any)
			require.Greater(t, len(list), key)
			config = list[key]
		}
	}
	return config
}

// collectorPorts returns the ports of a configuration for CDRs, for metrics and for the
// collector's own metrics. Each must listen on every address of the container.
func collectorPorts(t *testing.T, config any) (cdr, metrics, own int) {
	t.Helper()
	reader := value(t, config, "service", "telemetry", "metrics", "readers", 0, "pull", "exporter", "prometheus")
	require.Equal(t, "0.0.0.0", value(t, reader, "host"))
	return portOf(t, value(t, config, "receivers", "cms_cdr", "http", "endpoint")),
		portOf(t, value(t, config, "exporters", "prometheus", "endpoint")), int(value(t, reader, "port").(float64))
}

// portOf returns the port of an endpoint that listens on every address.
func portOf(t *testing.T, endpoint any) int {
	t.Helper()
	host, port, err := net.SplitHostPort(fmt.Sprint(endpoint))
	require.NoError(t, err)
	require.Equal(t, "0.0.0.0", host)
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	return number
}

// read parses a YAML file. Numbers have the type that JSON gives them.
func read(t *testing.T, path string) (config any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &config), path)
	return config
}

// copyTo copies a file or a folder into root, a folder that stands for the root folder of a
// container. The target is the path in the container.
func copyTo(t *testing.T, root, source, target string) {
	t.Helper()
	destination := filepath.Join(root, target)
	require.NoError(t, os.MkdirAll(filepath.Dir(destination), 0o700))
	if info, err := os.Stat(source); err == nil && info.IsDir() {
		require.NoError(t, os.CopyFS(destination, os.DirFS(source)))
		return
	}
	text, err := os.ReadFile(source)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(destination, text, 0o600))
}

// relocate returns the arguments of a container, with root before each path below /etc.
func relocate(root string, args []string) (relocated []string) {
	for _, arg := range args {
		relocated = append(relocated, strings.Replace(arg, "=/etc/", "="+root+"/etc/", 1))
	}
	return relocated
}
