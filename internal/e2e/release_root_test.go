package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// chrootScript returns a script that starts the collector with the folder root as its root
// directory and as the user with the id user, in new namespaces for mounts, IPC, processes and
// the hostname. If the script is killed, the first process of the namespace shuts the collector
// down. The network is that of this machine. The folder gets a hosts file with localhost, as
// from a container runtime.
func chrootScript(t *testing.T, root string, user int) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Join(root, "etc"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "etc", "hosts"), []byte("127.0.0.1 localhost\n"), 0o644))
	program := filepath.Join(t.TempDir(), "collector")
	require.NoError(t, os.WriteFile(program, fmt.Appendf(nil, `#!/bin/sh
exec unshare --mount --ipc --uts --pid --fork --kill-child=SIGTERM sh -c '
  chroot --userspec=+%[1]d:+%[1]d --groups= %[2]q /usr/bin/otelcol-cms "$@" &
  trap "kill $!" TERM
  wait
  wait' sh "$@"
`, user, root), 0o755))
	return program
}

// requireRoot fails the test without root rights, which dpkg and chroot need. A user
// namespace is sufficient.
func requireRoot(t *testing.T) {
	t.Helper()
	require.Zero(t, os.Geteuid(), "run the test as root, or with unshare --map-root-user --map-auto, as make e2e-release does")
}

// requireSurvivesRestart checks that the collector starts with its default configuration while
// the target of its exporter cannot be reached, and that it delivers acknowledged records once
// after a restart. The program is a script of chrootScript.
func requireSurvivesRestart(t *testing.T, program string) {
	t.Helper()
	w := newDeliveries(0, 1)
	sink := w.listen(t)
	address := freeAddress(t)
	url := "http://" + address + "/cdr"
	t.Setenv("CDR_ENDPOINT", address)
	t.Setenv("PROMETHEUS_ENDPOINT", freeAddress(t))
	startProcess := func(target string) *otelcol.Collector {
		t.Setenv("OTLP_ENDPOINT", target)
		c, err := otelcol.Start(t.Context(), program, "/etc/otelcol-cms/config.yaml",
			"yaml:exporters::otlp_http::compression: none", // the sink does not decompress
			"yaml:service::telemetry::metrics::readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: "+freePort(t)+"}}}}]")
		require.NoError(t, err)
		t.Cleanup(c.Kill)
		require.NoError(t, c.Ready(t.Context(), url), "%s", c.Output())
		return c
	}
	stop := func(c *otelcol.Collector) {
		// Kill kills the script, which shuts the collector down, and waits until no process
		// of the script has its output open.
		c.Kill()
		require.Contains(t, c.Output(), "Shutdown complete.")
	}
	c := startProcess("http://" + freeAddress(t))
	postCall(t, url, "callStart", "0")
	stop(c)
	c = startProcess(sink.URL + "/1")
	postCall(t, url, "callEnd", "1")
	require.NoError(t, c.Poll(t.Context(), func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.spans) > 0 && len(w.logs) == 3
	}), "%s", c.Output())
	stop(c)
	require.Equal(t, map[string][]int{"call ca110000000040008000000000000001 8000000000000001": {1}}, w.spans)
	require.Equal(t, map[string][]int{"s/0/cisco.cms.session.start": {1}, "s/0": {1}, "s/1": {1}}, w.logs)
	_, err := net.Dial("tcp", address)
	require.Error(t, err, "no process listens any more")
}
