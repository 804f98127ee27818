package manifests

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// project returns examples/compose.yaml as Docker Compose parses it, which checks it against
// the schema.
func project(t *testing.T) *types.Project {
	t.Helper()
	folder, err := filepath.Abs(examples)
	require.NoError(t, err)
	p, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir: folder, ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(folder, "compose.yaml")}}, Environment: types.Mapping{},
	})
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"collector", "grafana", "jaeger", "loki", "prometheus"}, p.ServiceNames())
	return p
}

// root returns a folder with the files of this repository that a service mounts.
func root(t *testing.T, service types.ServiceConfig) string {
	t.Helper()
	folder := t.TempDir()
	for _, volume := range service.Volumes {
		if volume.Type == types.VolumeTypeBind {
			require.True(t, volume.ReadOnly, volume.Target)
			copyTo(t, folder, volume.Source, volume.Target)
		}
	}
	return folder
}

// TestCompose checks that the collector and Loki accept their arguments and the mounted files,
// that promtool accepts the file of Prometheus, and that Grafana's folder has dashboards.
func TestCompose(t *testing.T) {
	services := project(t).Services
	t.Run("collector", func(t *testing.T) {
		args := relocate(root(t, services["collector"]), services["collector"].Command)
		require.Len(t, args, 2)
		collectorAccepts(t, args)
	})
	t.Run("loki", func(t *testing.T) {
		var env []string
		for name, value := range services["loki"].Environment {
			env = append(env, name+"="+*value)
		}
		accepts(t, "LOKI", env, append([]string{"-verify-config"}, relocate(root(t, services["loki"]), services["loki"].Command)...)...)
	})
	t.Run("prometheus", func(t *testing.T) {
		file, found := strings.CutPrefix(relocate(root(t, services["prometheus"]), services["prometheus"].Command)[0], "--config.file=")
		require.True(t, found)
		accepts(t, "PROMTOOL", nil, "check", "config", file)
	})
	t.Run("grafana", func(t *testing.T) {
		folder := root(t, services["grafana"])
		provider := read(t, filepath.Join(folder, "etc/grafana/provisioning/dashboards/meeting-server.yaml"))
		path := value(t, provider, "providers", 0, "options", "path").(string)
		dashboards, err := filepath.Glob(filepath.Join(folder, path, "*.json"))
		require.NoError(t, err)
		require.Greater(t, len(dashboards), 4)
	})
}

// TestComposePorts checks that each service publishes the port on which it listens, that only
// the port for Meeting Server is published to other hosts, and that Prometheus scrapes the two
// metrics ports of the collector. The collector's ports are those of its configuration; those
// of the other services are their defaults.
func TestComposePorts(t *testing.T) {
	cdr, metrics, own := collectorPorts(t, read(t, filepath.Join(examples, "jaeger-loki-prometheus.yaml")))
	listens := map[string]int{"collector": cdr, "grafana": 3000, "jaeger": 16686, "loki": 3100, "prometheus": 9090}
	for name, service := range project(t).Services {
		require.Len(t, service.Ports, 1, name)
		port := service.Ports[0]
		require.EqualValues(t, listens[name], port.Target, name)
		require.Equal(t, strconv.Itoa(listens[name]), port.Published, name)
		if name == "collector" {
			require.Empty(t, port.HostIP)
		} else {
			require.Equal(t, "127.0.0.1", port.HostIP, name)
		}
	}
	scraped, err := os.ReadFile(filepath.Join(examples, "compose", "prometheus.yaml"))
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"collector.example.com:" + strconv.Itoa(metrics), "collector.example.com:" + strconv.Itoa(own)}, addresses(string(scraped)))
}

var addressPattern = regexp.MustCompile(`[a-z]+\.example\.com:\d+`)

// addresses returns the hosts in example.com with their ports in a file, except in comments.
func addresses(text string) (all []string) {
	for line := range strings.Lines(text) {
		before, _, _ := strings.Cut(line, "#")
		all = append(all, addressPattern.FindAllString(before, -1)...)
	}
	return all
}

// TestComposeNames checks that every host in example.com and its port in a mounted file are
// those of a service that listens there.
func TestComposeNames(t *testing.T) {
	services := project(t).Services
	listening := map[string]bool{"collector.example.com:9464": true, "collector.example.com:8888": true, "jaeger.example.com:4317": true}
	for _, service := range services {
		network := service.Networks["default"]
		if network == nil { // no other service connects to Grafana
			continue
		}
		for _, alias := range network.Aliases {
			for _, port := range service.Ports {
				listening[alias+":"+strconv.Itoa(int(port.Target))] = true
			}
		}
	}
	checked := 0
	for name, service := range services {
		require.NoError(t, filepath.WalkDir(root(t, service), func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			for _, address := range addresses(string(text)) {
				require.True(t, listening[address], "%s: %s names %s", name, path, address)
				checked++
			}
			return err
		}))
	}
	require.Greater(t, checked, 6)
}

// TestComposeImages checks that all images but the collector's are pinned to a
// release, and that Jaeger and Loki have the versions of the end-to-end tests. Jaeger
// releases v1.N and v2.(N-63) together.
func TestComposeImages(t *testing.T) {
	services := project(t).Services
	for name, service := range services {
		if name == "collector" {
			require.Equal(t, "otelcol-cms:latest", service.Image)
		} else {
			require.Regexp(t, `^[a-z]+/[a-z]+:v?\d+\.\d+\.\d+$`, service.Image)
		}
	}
	required := func(folder, pattern string) string {
		text, err := os.ReadFile(filepath.Join("..", folder, "go.mod"))
		require.NoError(t, err)
		found := regexp.MustCompile(pattern).FindSubmatch(text)
		require.NotNil(t, found, folder)
		return string(found[1])
	}
	require.Equal(t, "grafana/loki:"+required("loki", `(?m)^require github.com/grafana/loki/v3 v(\S+)$`), services["loki"].Image)
	minor, err := strconv.Atoi(required("jaeger", `(?m)^require github.com/jaegertracing/jaeger v1\.(\d+)\.0$`))
	require.NoError(t, err)
	require.Equal(t, "jaegertracing/jaeger:2."+strconv.Itoa(minor-63)+".0", services["jaeger"].Image)
}
