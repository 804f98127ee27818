package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// debianRoot returns a folder with an empty system for dpkg.
func debianRoot(t *testing.T) string {
	t.Helper()
	requireRoot(t)
	root := t.TempDir()
	require.NoError(t, os.Chmod(root, 0o755))
	for _, folder := range []string{"info", "updates"} {
		require.NoError(t, os.MkdirAll(filepath.Join(root, "var/lib/dpkg", folder), 0o755))
	}
	require.NoError(t, os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), nil, 0o644))
	return root
}

// runOK runs a command that must succeed, and returns its output.
func runOK(t *testing.T, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Env = append(os.Environ(), "LC_ALL=C")
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s %v: %s", name, args, out)
	return string(out)
}

// dpkg runs dpkg in a root without the dependencies of the package. Maintainer scripts run
// on this system and get the root in DPKG_ROOT.
func dpkg(t *testing.T, root string, args ...string) {
	t.Helper()
	runOK(t, "dpkg", append([]string{"--root=" + root, "--force-depends", "--force-script-chrootless", "--force-confdef", "--force-confold"}, args...)...)
}

// TestReleaseDebian checks that the package installs a user, a unit and a configuration,
// and that the collector runs as that user with that configuration.
func TestReleaseDebian(t *testing.T) {
	r, root := released(t), debianRoot(t)
	dpkg(t, root, "--install", r.file("linux-"+runtime.GOARCH+".deb"))
	accounts, err := os.ReadFile(filepath.Join(root, "etc/passwd"))
	require.NoError(t, err)
	account := regexp.MustCompile(`(?m)^otelcol-cms:[^:]*:(\d+):.*:/var/lib/otelcol-cms:/usr/sbin/nologin$`).FindSubmatch(accounts)
	require.NotNil(t, account, "%s", accounts)
	user, err := strconv.Atoi(string(account[1]))
	require.NoError(t, err)

	const unit = "otelcol-cms.service"
	// Errors of units of the system, which the root does not have, are ignored.
	require.Empty(t, runOK(t, "systemd-analyze", "verify", "--root="+root, "--recursive-errors=no", unit))
	runOK(t, "systemd-analyze", "security", "--offline=true", "--threshold=30", "--root="+root, unit)
	text, err := os.ReadFile(filepath.Join(root, "usr/lib/systemd/system", unit))
	require.NoError(t, err)
	for _, line := range []string{
		"ExecStart=/usr/bin/otelcol-cms --config /etc/otelcol-cms/config.yaml", "User=otelcol-cms",
		"StateDirectory=otelcol-cms", "StateDirectoryMode=0700",
	} {
		require.Contains(t, strings.Split(string(text), "\n"), line)
	}
	secrets, err := os.Stat(filepath.Join(root, "etc/otelcol-cms/otelcol-cms.env"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), secrets.Mode())

	for program, output := range map[string]string{"otelcol-cms": "otelcol-cms version ", "cmssim": "cmssim version "} {
		require.Equal(t, output+r.version+"\n", runOK(t, filepath.Join(root, "usr/bin", program), "--version"))
	}
	// systemd creates the folder like this.
	state := filepath.Join(root, "var/lib/otelcol-cms")
	require.NoError(t, os.Mkdir(state, 0o700))
	require.NoError(t, os.Chown(state, user, user))
	requireSurvivesRestart(t, chrootScript(t, root, user))
}

// TestReleaseDebianKeepsConfiguration checks that an upgrade and a removal keep an edited
// configuration, and that an upgrade stores its new default beside it.
func TestReleaseDebianKeepsConfiguration(t *testing.T) {
	r, root := released(t), debianRoot(t)
	deb := r.file("linux-" + runtime.GOARCH + ".deb")
	dpkg(t, root, "--install", deb)
	config := filepath.Join(root, "etc/otelcol-cms/config.yaml")
	const edited, shipped = "# edited by the operator\n", "# shipped with the next version\n"
	require.NoError(t, os.WriteFile(config, []byte(edited), 0o644))

	next := t.TempDir()
	runOK(t, "dpkg-deb", "--raw-extract", deb, next)
	rewrite(t, filepath.Join(next, "DEBIAN/control"), regexp.MustCompile(`(?m)^Version: .*`), "Version: 9.0.0")
	rewrite(t, filepath.Join(next, "etc/otelcol-cms/config.yaml"), regexp.MustCompile(`(?s).*`), shipped)
	upgrade := filepath.Join(t.TempDir(), "next.deb")
	runOK(t, "dpkg-deb", "--root-owner-group", "-Znone", "--build", next, upgrade)
	dpkg(t, root, "--install", upgrade)

	require.Equal(t, "9.0.0", runOK(t, "dpkg-query", "--admindir="+filepath.Join(root, "var/lib/dpkg"), "--show", "--showformat=${Version}", "otelcol-cms"))
	read := func(path string) string {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		return string(content)
	}
	require.Equal(t, edited, read(config))
	require.Equal(t, shipped, read(config+".dpkg-dist"))
	dpkg(t, root, "--remove", "otelcol-cms")
	require.NoFileExists(t, filepath.Join(root, "usr/bin/otelcol-cms"))
	require.Equal(t, edited, read(config))
}

// rewrite replaces the first match of a pattern in a file.
func rewrite(t *testing.T, file string, pattern *regexp.Regexp, text string) {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	match := pattern.FindIndex(content)
	require.NotNil(t, match, "%s", content)
	changed := fmt.Appendf(content[:match[0]:match[0]], "%s%s", text, content[match[1]:])
	require.NoError(t, os.WriteFile(file, changed, 0o644))
}
