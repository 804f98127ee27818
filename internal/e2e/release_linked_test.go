package e2e

import (
	"archive/zip"
	"debug/buildinfo"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// archives returns the suffixes of the archives, such as linux-amd64.tar.gz.
func (r release) archives(t *testing.T) (suffixes []string) {
	t.Helper()
	for _, pattern := range []string{"linux-*.tar.gz", "windows-*.zip"} {
		files, err := filepath.Glob(r.file(pattern))
		require.NoError(t, err)
		for _, file := range files {
			suffixes = append(suffixes, strings.TrimPrefix(file, r.file("")))
		}
	}
	require.NotEmpty(t, suffixes)
	return suffixes
}

// unpack unpacks the archive with a suffix, and returns the folder in it.
func (r release) unpack(t *testing.T, suffix string) string {
	t.Helper()
	folder := t.TempDir()
	if strings.HasSuffix(suffix, ".zip") {
		archive, err := zip.OpenReader(r.file(suffix))
		require.NoError(t, err)
		defer archive.Close()
		require.NoError(t, os.CopyFS(folder, archive))
	} else {
		out, err := exec.CommandContext(t.Context(), "tar", "-C", folder, "-xzf", r.file(suffix)).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	platform, _, _ := strings.Cut(suffix, ".")
	return filepath.Join(folder, filepath.Base(r.file(platform)))
}

const (
	receiverModule      = "github.com/cmscdr/cmscdrreceiver"
	minCollectorModules = 250
)

// TestReleaseListsLinkedModules checks that the bills of materials in each archive have
// exactly the modules that Go linked into the binaries, that each module has a licence, and
// that no dashboard, Prometheus rule or YAML file directly in the folder examples is missing.
func TestReleaseListsLinkedModules(t *testing.T) {
	r := released(t)
	for _, archive := range r.archives(t) {
		t.Run(archive, func(t *testing.T) {
			folder, exe := r.unpack(t, archive), ""
			if strings.HasSuffix(archive, ".zip") {
				exe = ".exe"
			}
			collector := linkedModules(t, filepath.Join(folder, "otelcol-cms"+exe), r.version)
			require.Greater(t, len(collector), minCollectorModules)
			require.Contains(t, collector, receiverModule+"@v"+r.version)
			simulator := linkedModules(t, filepath.Join(folder, "cmssim"+exe), r.version)

			doc := filepath.Join(folder, "doc")
			require.Equal(t, collector, sbomModules(t, filepath.Join(doc, "sbom", "otelcol-cms.cdx.json"), r.version))
			require.Equal(t, simulator, sbomModules(t, filepath.Join(doc, "sbom", "cmssim.cdx.json"), r.version))
			require.FileExists(t, filepath.Join(doc, "LICENSE"))
			both := slices.Compact(slices.Sorted(slices.Values(append(collector, simulator...))))
			others := slices.DeleteFunc(both, func(module string) bool { return strings.HasPrefix(module, receiverModule+"@") })
			require.Equal(t, others, licensedModules(t, filepath.Join(doc, "licences")))

			for _, pattern := range []string{"*.yaml", "grafana/*.json", "prometheus/*.yaml"} {
				source, err := filepath.Glob(filepath.Join("../../examples", pattern))
				require.NoError(t, err)
				packed, err := filepath.Glob(filepath.Join(doc, "examples", pattern))
				require.NoError(t, err)
				require.NotEmpty(t, packed)
				require.Len(t, packed, len(source))
			}
		})
	}
}

// linkedModules returns the modules of a binary as path@version. The receiver's version is
// that of the release.
func linkedModules(t *testing.T, binary, version string) (modules []string) {
	t.Helper()
	info, err := buildinfo.ReadFile(binary)
	require.NoError(t, err)
	for _, module := range info.Deps {
		if module.Path == receiverModule {
			require.Equal(t, "../../..", module.Replace.Path)
			module.Version = "v" + version
		} else {
			require.Nil(t, module.Replace)
		}
		modules = append(modules, module.Path+"@"+module.Version)
	}
	return slices.Sorted(slices.Values(append(modules, "std@"+info.GoVersion)))
}

// sbomModules returns the modules in a bill of materials.
func sbomModules(t *testing.T, file, version string) (modules []string) {
	t.Helper()
	type component struct{ Name, Version string }
	var bom struct {
		BOMFormat  string
		Metadata   struct{ Component component }
		Components []component
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &bom))
	require.Equal(t, "CycloneDX", bom.BOMFormat)
	require.Equal(t, "v"+version, bom.Metadata.Component.Version)
	for _, c := range bom.Components {
		modules = append(modules, c.Name+"@"+c.Version)
	}
	return slices.Sorted(slices.Values(modules))
}

// licensedModules returns the modules whose licences are in the folder. Each module has a
// subfolder path@version, which must not be empty.
func licensedModules(t *testing.T, folder string) (modules []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() || !strings.Contains(entry.Name(), "@") {
			return err
		}
		content, err := os.ReadDir(path)
		require.NoError(t, err)
		require.NotEmpty(t, content, path)
		module, err := filepath.Rel(folder, path)
		modules = append(modules, module)
		require.NoError(t, err)
		return fs.SkipDir
	}))
	return slices.Sorted(slices.Values(modules))
}
