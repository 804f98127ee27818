package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/simulate"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/otelcol"
)

// TestPrintedScreens checks that the commands above the screens in README print each line of
// these screens, or a line that begins with it. Numbers, ids, spaces, the parts that an
// ellipsis omits and the order of the lines can differ.
func TestPrintedScreens(t *testing.T) {
	var documented []string
	for _, b := range blocks(t, "text") {
		if strings.HasSuffix(b.page, "README.md") {
			documented = append(documented, strings.TrimSpace(b.text))
		}
	}
	require.Len(t, documented, 3)
	for n, print := range []func(*testing.T) string{demoScreen, watchScreen, smallestScreen} {
		printed := shape(print(t))
		for line := range strings.Lines(documented[n]) {
			pattern := "^"
			for i, piece := range strings.Split(strings.TrimSpace(shape(line)), "…") {
				if i > 0 {
					pattern += ".*"
				}
				pattern += regexp.QuoteMeta(strings.TrimSpace(piece))
			}
			require.Regexp(t, "(?m)"+pattern, printed, "README shows: %s", line)
		}
	}
}

var (
	idPattern     = regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b`)
	numberPattern = regexp.MustCompile(`[0-9]+`)
	blankPattern  = regexp.MustCompile(`[ \t]+`)
	lineStart     = regexp.MustCompile(`(?m)^ `)
)

// shape replaces the ids, numbers and spaces of a text, which differ between runs.
func shape(text string) string {
	text = numberPattern.ReplaceAllString(idPattern.ReplaceAllString(text, "ID"), "0")
	return lineStart.ReplaceAllString(blankPattern.ReplaceAllString(text, " "), "")
}

// buildDemo builds the command of make demo and make run.
func buildDemo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "demo")
	out, err := exec.Command("go", "build", "-o", path, "../cmd/demo").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

// demoScreen returns what make demo prints, without colour.
func demoScreen(t *testing.T) string {
	// The seed is that of the screen in README, so that both have the same ids and figures.
	command := exec.Command(buildDemo(t), "-collector", binary(t), "-config", "../../examples/collector.yaml", "-files", t.TempDir(), "-seed", "7")
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.LessOrEqual(t, len(lines), 60)
	for _, line := range lines {
		if !strings.HasPrefix(line, "  "+os.TempDir()) { // the length of paths depends on the folder
			require.LessOrEqual(t, len([]rune(line)), 100, line)
		}
	}
	require.NotContains(t, string(out), "\x1b")
	return string(out)
}

// watchScreen returns what make run prints for the meeting of the demonstration.
func watchScreen(t *testing.T) string {
	address := freeAddress(t)
	config := changed(t, "../../examples/collector.yaml", "0.0.0.0:8080", address, "localhost:9464", freeAddress(t))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	command := exec.CommandContext(ctx, buildDemo(t), "-watch", "-collector", binary(t), "-config", config)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	var out otelcol.Output
	command.Stdout, command.Stderr = &out, &out
	require.NoError(t, command.Start())
	playDemo(t, "http://"+address+"/cdr")
	if !assert.Eventually(t, func() bool { return strings.Contains(out.String(), "is trace") }, time.Minute, 20*time.Millisecond) {
		t.Fatal(out.String())
	}
	cancel()
	_ = command.Wait()
	return out.String()
}

// smallestScreen returns what the collector prints with the smallest configuration in
// README.
func smallestScreen(t *testing.T) string {
	address := freeAddress(t)
	for _, b := range blocks(t, "yaml") {
		if !strings.HasSuffix(b.page, "README.md") || !strings.Contains(b.text, "debug:") {
			continue
		}
		file := filepath.Join(t.TempDir(), "cms.yaml")
		require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(b.text, "0.0.0.0:8080", address)), 0o600))
		url := "http://" + address + "/cdr"
		c := start(t, url, file, "yaml:\nreceivers: {cms_cdr: {metrics: {interval: 1s}}}\nservice: {telemetry: {metrics: {level: none}}}\n")
		playDemo(t, url)
		require.NoError(t, c.Stop(), "%s", c.Output())
		return c.Output()
	}
	t.Fatal("README has no configuration with the debug exporter")
	return ""
}

// playDemo plays the meeting of the demonstration when the target listens.
func playDemo(t *testing.T, target string) {
	t.Helper()
	_, counts, err := simulate.Run(t.Context(), simulate.Config{
		Target: target, Demo: true, Seed: 7, GiveUp: time.Minute,
		Backoff: func(int) time.Duration { return 50 * time.Millisecond },
	})
	require.NoError(t, err)
	require.Zero(t, counts.Unacknowledged, fmt.Sprint(counts))
}

// changed returns the path of a copy of the file with texts replaced.
func changed(t *testing.T, file string, oldnew ...string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	copied := filepath.Join(t.TempDir(), filepath.Base(file))
	require.NoError(t, os.WriteFile(copied, []byte(strings.NewReplacer(oldnew...).Replace(string(text))), 0o600))
	return copied
}
