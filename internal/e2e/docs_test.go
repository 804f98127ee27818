package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// block is a fenced block of a page.
type block struct{ page, language, text string }

var fence = regexp.MustCompile("(?ms)^( *)```([a-z]*)\n(.*?)^ *```$")

// blocks returns the fenced blocks in a language, of README, CONTRIBUTING and the pages in docs.
func blocks(t *testing.T, language string) (all []block) {
	t.Helper()
	pages, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	require.Greater(t, len(pages), 4)
	for _, page := range append(pages, "../../README.md", "../../CONTRIBUTING.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, found := range fence.FindAllStringSubmatch(string(text), -1) {
			if found[2] == language {
				all = append(all, block{page, language, strings.ReplaceAll("\n"+found[3], "\n"+found[1], "\n")})
			}
		}
	}
	return all
}

// pipelines completes a configuration of which a page shows only a part.
const pipelines = `yaml:
receivers: {cms_cdr: {}}
exporters: {nop: {}}
service: {pipelines: {logs: {receivers: [cms_cdr], exporters: [nop]}}}
`

// TestDocumentedConfigurations checks that the collector accepts every configuration
// in the pages.
func TestDocumentedConfigurations(t *testing.T) {
	all := blocks(t, "yaml")
	require.GreaterOrEqual(t, len(all), 2)
	for n, b := range all {
		file := filepath.Join(t.TempDir(), fmt.Sprint(n, ".yaml"))
		require.NoError(t, os.WriteFile(file, []byte(b.text), 0o600))
		args := []string{"validate", "--config", file}
		if !strings.Contains(b.text, "pipelines:") {
			args = []string{"validate", "--config", pipelines, "--config", file}
		}
		out, err := exec.Command(binary(t), args...).CombinedOutput()
		require.NoError(t, err, "%s:\n%s\n%s", b.page, b.text, out)
	}
}

// meetingServer replaces the API of Meeting Server: it answers every request with 200, and
// keeps its method, its path and its parameter uri.
type meetingServer struct{ requests []string }

func (m *meetingServer) ServeHTTP(_ http.ResponseWriter, req *http.Request) {
	_ = req.ParseForm()
	m.requests = append(m.requests, req.Method+" "+req.URL.Path+" "+req.PostForm.Get("uri"))
}

// TestDocumentedCommands runs the commands make simulate and curl in the pages, with the host
// names replaced. For other targets of make, it only checks that they exist. It skips commands
// that TestStack and TestPrintedScreens run.
func TestDocumentedCommands(t *testing.T) {
	address, api := freeAddress(t), &meetingServer{}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	c := start(t, "http://"+address+"/cdr", fmt.Sprintf("yaml:\nreceivers: {cms_cdr: {http: {endpoint: %q}}}\n"+
		"exporters: {nop: {}}\nservice: {telemetry: {metrics: {level: none}}, pipelines: {logs: {receivers: [cms_cdr], exporters: [nop]}}}\n", address))
	hosts := strings.NewReplacer("https://cms1.example.com", server.URL, "http://collector.example.com:8080", "http://"+address, "-u admin ", "-u admin:x ")
	makefile, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	commands := 0
	for _, b := range blocks(t, "sh") {
		for command := range strings.SplitSeq(strings.ReplaceAll(strings.TrimSpace(b.text), "\\\n", " "), "\n") {
			commands++
			switch verb, rest, _ := strings.Cut(command, " "); verb {
			case "make":
				runMake(t, string(makefile), rest, "http://"+address+"/cdr")
			case "curl":
				if strings.Contains(rest, "http://localhost:") {
					continue // TestStack runs the queries for make stack
				}
				out, err := exec.Command("sh", "-c", "curl -sS -f "+hosts.Replace(rest)).CombinedOutput()
				require.NoError(t, err, "%s: %s\n%s", b.page, command, out)
			case "build/otelcol-cms":
				// TestPrintedScreens starts it with the configuration above the command.
				require.Equal(t, "--config cms.yaml", rest, b.page)
			default:
				t.Errorf("%s: the test does not know how to run %q", b.page, command)
			}
		}
	}
	require.GreaterOrEqual(t, commands, 7)
	require.Equal(t, []string{
		"POST /api/v1/system/cdrReceivers http://" + address + "/cdr?system_id=cms1", "GET /api/v1/system/status ",
	}, api.requests)
	require.NoError(t, c.Stop())
}

// runMake runs the simulator with the arguments of make simulate, at full speed. For other
// targets of make, it only checks that make help lists them, and that they have no arguments,
// except upgrade.
func runMake(t *testing.T, makefile, arguments, receiverURI string) {
	t.Helper()
	name, args, _ := strings.Cut(arguments, " ")
	require.Regexp(t, "(?m)^"+regexp.QuoteMeta(name)+":.*##", makefile)
	if name != "simulate" {
		if name != "upgrade" {
			require.Empty(t, args)
		}
		return
	}
	args = strings.Trim(strings.TrimPrefix(args, "ARGS="), `"`)
	var out bytes.Buffer
	command := exec.Command("go", append([]string{"run", "../cmd/cmssim"}, append(strings.Fields(args), "-speed", "max", "-target", receiverURI)...)...)
	command.Stdout, command.Stderr = &out, &out
	require.NoError(t, command.Run(), "%s", out.String())
}
