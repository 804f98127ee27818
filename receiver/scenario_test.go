package cmscdrreceiver

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

var update = flag.Bool("update", false, "rewrite what the scenario files expect")

// TestScenarios plays the folders of testdata/scenarios, each a behaviour: its
// numbered files are documents posted to one receiver, in that order, with the
// answer and what came out. A file has a comment, the member request, and those
// of response, logs, traces and metrics that it is about; metrics are all series
// as they stand by then. -update rewrites the members that a file has.
func TestScenarios(t *testing.T) {
	folders, err := filepath.Glob("../testdata/scenarios/*")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(folders), 5, "the scenarios are gone")
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			files, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
			require.NoError(t, err)
			require.NotEmpty(t, files)
			rig := newRig(t, nil)
			for _, file := range files {
				playScenario(t, rig, file)
			}
		})
	}
}

// playScenario posts the file's document and compares what comes of it.
func playScenario(t *testing.T, rig *rig, file string) {
	archive, err := txtar.ParseFile(file)
	require.NoError(t, err)
	require.NotEmpty(t, strings.TrimSpace(string(archive.Comment)), "%s does not say what it shows", file)
	got := map[string]string{}
	compared := 0
	for i, member := range archive.Files {
		if member.Name == "request" {
			got = rig.play(string(member.Data))
			continue
		}
		text, known := got[member.Name]
		require.True(t, known, "%s: member %q is none of request (which comes first), %s", file, member.Name, strings.Join(members, ", "))
		if *update {
			archive.Files[i].Data = []byte(text)
		} else {
			require.Equal(t, string(member.Data), text, "%s, member %s", file, member.Name)
		}
		compared++
	}
	require.Positive(t, compared, "%s expects nothing", file)
	if *update {
		require.NoError(t, os.WriteFile(file, txtar.Format(archive), 0o600))
	}
}

var members = []string{"response", "logs", "traces", "metrics"}

// play posts the document and prints what came of it. A first line such as
// "POST /cdr?system_id=cms1" says where to.
func (g *rig) play(request string) map[string]string {
	target := "/cdr"
	if line, rest, _ := strings.Cut(request, "\n"); strings.HasPrefix(line, "POST ") {
		target, request = strings.TrimPrefix(line, "POST "), rest
	}
	g.logs.Reset()
	g.traces.Reset()
	answer := g.post(target, request)
	got := map[string]string{
		"response": fmt.Sprintf("%d\n%s", answer.Code, answer.Body),
		"logs":     printed.Logs(g.logs.AllLogs()),
		"traces":   printed.Spans(g.traces.AllTraces()),
		"metrics":  printed.Metrics(g.series()),
	}
	for member := range got {
		require.True(g.t, slices.Contains(members, member))
	}
	return got
}
