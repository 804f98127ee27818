package e2e

import (
	"crypto/x509"
	"debug/elf"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// descriptor refers to a blob of an image (OCI image specification).
type descriptor struct {
	Digest      string
	Platform    struct{ OS, Architecture string }
	Annotations map[string]string
}

// blob returns the path of the blob.
func (d descriptor) blob(folder string) string {
	return filepath.Join(folder, "blobs", strings.ReplaceAll(d.Digest, ":", "/"))
}

// imageConfig is the configuration with which an image is run.
type imageConfig struct {
	OS, Architecture string
	Config           struct {
		User            string
		Entrypoint, Cmd []string
		Env             []string
		ExposedPorts    map[string]struct{}
		Labels          map[string]string
	}
}

func decode(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, into))
}

// image unpacks the image for the platform of this machine into a root. It checks that the
// image is the same in the index of all platforms and in the file for docker load.
func (r release) image(t *testing.T) (root string, config imageConfig) {
	t.Helper()
	oci, docker, root := t.TempDir(), t.TempDir(), t.TempDir()
	runOK(t, "tar", "-C", oci, "-xf", r.file("oci.tar"))
	runOK(t, "tar", "-C", docker, "-xf", r.file("docker-"+runtime.GOARCH+".tar"))

	var index, platforms struct{ Manifests []descriptor }
	decode(t, filepath.Join(oci, "index.json"), &index)
	require.Len(t, index.Manifests, 1)
	require.Equal(t, map[string]string{
		"org.opencontainers.image.ref.name": r.version, "io.containerd.image.name": "docker.io/library/otelcol-cms:" + r.version,
	}, index.Manifests[0].Annotations)
	decode(t, index.Manifests[0].blob(oci), &platforms)
	packages, err := filepath.Glob(r.file("linux-*.deb"))
	require.NoError(t, err)
	require.Len(t, platforms.Manifests, len(packages))
	var manifest struct {
		Config descriptor
		Layers []descriptor
	}
	for _, platform := range platforms.Manifests {
		require.Equal(t, "linux", platform.Platform.OS)
		if platform.Platform.Architecture == runtime.GOARCH {
			decode(t, platform.blob(oci), &manifest)
		}
	}
	decode(t, manifest.Config.blob(oci), &config)
	require.Len(t, manifest.Layers, 1)
	require.NoError(t, os.Chmod(root, 0o755))
	runOK(t, "tar", "-C", root, "--numeric-owner", "-xpzf", manifest.Layers[0].blob(oci))

	var loaded []struct {
		Config           string
		RepoTags, Layers []string
	}
	decode(t, filepath.Join(docker, "manifest.json"), &loaded)
	require.Len(t, loaded, 1)
	require.Equal(t, manifest.Config.Digest, loaded[0].Config)
	require.Equal(t, []string{"otelcol-cms:" + r.version}, loaded[0].RepoTags)
	require.Len(t, loaded[0].Layers, 1)
	require.FileExists(t, filepath.Join(docker, loaded[0].Layers[0]))
	return root, config
}

// TestReleaseImage checks that the only program in the image is the static collector, and
// that it runs as a user other than root.
func TestReleaseImage(t *testing.T) {
	r := released(t)
	requireRoot(t)
	root, image := r.image(t)
	require.Equal(t, "linux/"+runtime.GOARCH, image.OS+"/"+image.Architecture)
	require.Equal(t, "10001:10001", image.Config.User)
	require.Equal(t, []string{"/usr/bin/otelcol-cms", "--config", "/etc/otelcol-cms/config.yaml"}, append(image.Config.Entrypoint, image.Config.Cmd...))
	require.Equal(t, map[string]struct{}{"8080/tcp": {}, "8888/tcp": {}, "9464/tcp": {}}, image.Config.ExposedPorts)
	require.Equal(t, []string{"CDR_ENDPOINT=0.0.0.0:8080", "PROMETHEUS_ENDPOINT=0.0.0.0:9464", "TELEMETRY_HOST=0.0.0.0"}, image.Config.Env)
	require.Equal(t, r.version, image.Config.Labels["org.opencontainers.image.version"])

	var programs []string
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil && (!info.Mode().IsRegular() || info.Mode().Perm()&0o111 != 0) {
			programs = append(programs, strings.TrimPrefix(path, root))
		}
		return err
	}))
	require.Equal(t, []string{"/usr/bin/otelcol-cms"}, programs)
	program, err := elf.Open(filepath.Join(root, programs[0]))
	require.NoError(t, err)
	defer program.Close()
	libraries, err := program.ImportedLibraries()
	require.NoError(t, err)
	require.Empty(t, libraries)

	authorities, err := os.ReadFile(filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"))
	require.NoError(t, err)
	require.Greater(t, strings.Count(string(authorities), "BEGIN CERTIFICATE"), 100)
	require.True(t, x509.NewCertPool().AppendCertsFromPEM(authorities))
	require.Greater(t, len(licensedModules(t, filepath.Join(root, "usr/share/doc/otelcol-cms/licences"))), minCollectorModules)
	requireSurvivesRestart(t, chrootScript(t, root, 10001))
}
