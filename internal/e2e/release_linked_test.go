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

// archives returns the endings of the archives' names: their platforms and formats.
func (r release) archives(t *testing.T) (ends []string) {
	t.Helper()
	for _, pattern := range []string{"linux-*.tar.gz", "windows-*.zip"} {
		files, err := filepath.Glob(r.file(pattern))
		require.NoError(t, err)
		for _, file := range files {
			ends = append(ends, strings.TrimPrefix(file, r.file("")))
		}
	}
	require.NotEmpty(t, ends)
	return ends
}

// unpack returns the folder in an archive.
func (r release) unpack(t *testing.T, end string) string {
	t.Helper()
	folder := t.TempDir()
	if strings.HasSuffix(end, ".zip") {
		archive, err := zip.OpenReader(r.file(end))
		require.NoError(t, err)
		defer archive.Close()
		require.NoError(t, os.CopyFS(folder, archive))
	} else {
		out, err := exec.CommandContext(t.Context(), "tar", "-C", folder, "-xzf", r.file(end)).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	platform, _, _ := strings.Cut(end, ".")
	return filepath.Join(folder, filepath.Base(r.file(platform)))
}

const (
	receiverModule = "github.com/cmscdr/cmscdrreceiver"
	modulesLinked  = 250 // at least, into a collector
)

// TestReleaseListsLinkedModules checks that the bills of materials have exactly the
// modules that Go linked into the binaries, and that each has a licence.
func TestReleaseListsLinkedModules(t *testing.T) {
	r := released(t)
	for _, end := range r.archives(t) {
		t.Run(end, func(t *testing.T) {
			folder, suffix := r.unpack(t, end), ""
			if strings.HasSuffix(end, ".zip") {
				suffix = ".exe"
			}
			collector := linkedModules(t, filepath.Join(folder, "otelcol-cms"+suffix), r.version)
			require.Greater(t, len(collector), modulesLinked)
			require.Contains(t, collector, receiverModule+"@v"+r.version)
			simulator := linkedModules(t, filepath.Join(folder, "cmssim"+suffix), r.version)

			doc := filepath.Join(folder, "doc")
			require.Equal(t, collector, billedModules(t, filepath.Join(doc, "sbom", "otelcol-cms.cdx.json"), r.version))
			require.Equal(t, simulator, billedModules(t, filepath.Join(doc, "sbom", "cmssim.cdx.json"), r.version))
			require.FileExists(t, filepath.Join(doc, "LICENSE"))
			both := slices.Compact(slices.Sorted(slices.Values(append(collector, simulator...))))
			others := slices.DeleteFunc(both, func(module string) bool { return strings.HasPrefix(module, receiverModule+"@") })
			require.Equal(t, others, licensedModules(t, filepath.Join(doc, "licences")))

			for _, kind := range []string{"*.yaml", "grafana/*.json", "prometheus/*.yaml"} {
				here, err := filepath.Glob(filepath.Join("../../examples", kind))
				require.NoError(t, err)
				there, err := filepath.Glob(filepath.Join(doc, "examples", kind))
				require.NoError(t, err)
				require.NotEmpty(t, there)
				require.Len(t, there, len(here))
			}
		})
	}
}

// linkedModules returns the modules of a binary as path@version, with the release's version
// for the receiver.
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

// billedModules returns the modules in a bill of materials.
func billedModules(t *testing.T, file, version string) (modules []string) {
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

// licensedModules returns the modules that have a file in a folder for their path and
// version.
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
