package e2e

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// release is the output folder of make release.
type release struct{ folder, version string }

// released returns the release to test, and skips the test without one.
func released(t *testing.T) release {
	t.Helper()
	folder := os.Getenv("RELEASE")
	if folder == "" {
		t.Skip("set RELEASE to the output folder of make release, as make e2e-release does")
	}
	const name, platform = "otelcol-cms-", "-linux-" + runtime.GOARCH + ".deb"
	debs, err := filepath.Glob(filepath.Join(folder, name+"*"+platform))
	require.NoError(t, err)
	require.Len(t, debs, 1)
	return release{folder, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(debs[0]), name), platform)}
}

// file returns the path of the artefact with a suffix.
func (r release) file(suffix string) string {
	return filepath.Join(r.folder, "otelcol-cms-"+r.version+"-"+suffix)
}

// TestReleaseFiles checks that each platform has all artefacts, and that checksums.txt has
// all files.
func TestReleaseFiles(t *testing.T) {
	r := released(t)
	var want []string
	for _, archive := range r.archives(t) {
		platform, format, _ := strings.Cut(archive, ".")
		suffixes := []string{format, "cdx.json"}
		if architecture, linux := strings.CutPrefix(platform, "linux-"); linux {
			suffixes = append(suffixes, "deb", "rpm")
			want = append(want, filepath.Base(r.file("docker-"+architecture+".tar")))
		}
		for _, suffix := range suffixes {
			want = append(want, filepath.Base(r.file(platform+"."+suffix)))
		}
	}
	want = append(want, filepath.Base(r.file("oci.tar")))
	slices.Sort(want)
	var sums strings.Builder
	for _, name := range want {
		content, err := os.ReadFile(filepath.Join(r.folder, name))
		require.NoError(t, err)
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(content), name)
	}
	checksums, err := os.ReadFile(filepath.Join(r.folder, "checksums.txt"))
	require.NoError(t, err)
	require.Equal(t, sums.String(), string(checksums))
	entries, err := os.ReadDir(r.folder)
	require.NoError(t, err)
	require.Len(t, entries, len(want)+1)
}

// TestReleaseRPM checks that rpm accepts the package, that it marks configuration files to be
// kept, and that only root can read the file for secrets.
func TestReleaseRPM(t *testing.T) {
	r := released(t)
	query := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), "rpm", append(args, r.file("linux-"+runtime.GOARCH+".rpm"))...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	require.Contains(t, query("--checksig"), "digests OK")
	require.Equal(t, "otelcol-cms "+strings.Replace(r.version, "-", "~", 1)+" Apache-2.0\n", query("-qp", "--queryformat", "%{NAME} %{VERSION} %{LICENSE}\n"))
	files := strings.Split(query("-qp", "--queryformat", "[%{FILENAMES} %{FILEMODES:perms} %{FILEFLAGS:fflags} %{FILEUSERNAME}\n]"), "\n")
	for _, file := range []string{
		"/etc/otelcol-cms/config.yaml -rw-r--r-- cn root",
		"/etc/otelcol-cms/otelcol-cms.env -rw------- cn root",
		"/usr/bin/otelcol-cms -rwxr-xr-x  root",
		"/usr/bin/cmssim -rwxr-xr-x  root",
		"/usr/lib/systemd/system/otelcol-cms.service -rw-r--r--  root",
		"/usr/lib/sysusers.d/otelcol-cms.conf -rw-r--r--  root",
		"/usr/share/doc/otelcol-cms/examples/grafana/overview.json -rw-r--r--  root",
	} {
		require.Contains(t, files, file)
	}
	scripts := query("-qp", "--scripts")
	require.Contains(t, scripts, "postinstall scriptlet")
	require.Contains(t, scripts, "preuninstall scriptlet")
}
