package cmscdrreceiver

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"golang.org/x/tools/txtar"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

var update = flag.Bool("update", false, "rewrite the expected results in the scenario files")

// TestScenarios plays the folders of testdata/scenarios, each of which shows one
// behaviour. The numbered files of a folder are played to one receiver, in order. A
// file has a comment, actions, and expected results, as README.md there describes;
// -update rewrites the results.
func TestScenarios(t *testing.T) {
	for folder, files := range scenarios(t) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			rig := newRig(t, settings(t, files[0]))
			for _, file := range files {
				playFile(t, rig, file)
			}
		})
	}
}

// scenarios returns the files of each folder, in order.
func scenarios(t *testing.T) map[string][]string {
	files, err := filepath.Glob("../testdata/scenarios/*/*.txtar")
	require.NoError(t, err)
	folders := map[string][]string{}
	for _, file := range files {
		folders[filepath.Dir(file)] = append(folders[filepath.Dir(file)], file)
	}
	require.GreaterOrEqual(t, len(folders), 20, "there must be at least 20 scenarios")
	return folders
}

// settings returns a function that changes a configuration as the member settings says,
// which is in YAML. The file is the first of its scenario.
func settings(t *testing.T, file string) func(*Config) {
	archive, err := txtar.ParseFile(file)
	require.NoError(t, err)
	return func(cfg *Config) {
		for _, member := range archive.Files {
			if member.Name == "settings" {
				values, err := confmap.NewRetrievedFromYAML(member.Data)
				require.NoError(t, err)
				conf, err := values.AsConf()
				require.NoError(t, err)
				require.NoError(t, conf.Unmarshal(cfg), file)
			}
		}
	}
}

// playFile plays a file and compares its results.
func playFile(t *testing.T, rig *rig, file string) {
	archive, err := txtar.ParseFile(file)
	require.NoError(t, err)
	require.NotEmpty(t, strings.TrimSpace(string(archive.Comment)), "%s must have a comment", file)
	compared := 0
	rig.reset()
	for i, member := range archive.Files {
		require.False(t, member.Name == "settings" && filepath.Base(file) != "01.txtar", "%s has settings, which are read only from 01.txtar", file)
		if act := actions[member.Name]; act != nil {
			act(rig, string(member.Data))
			continue
		}
		result := results[member.Name]
		require.NotNil(t, result, "%s has the member %q, which is neither an action nor a result", file, member.Name)
		text := result(rig)
		if *update {
			archive.Files[i].Data = []byte(text)
		} else {
			require.Equal(t, string(member.Data), text, "%s, member %s", file, member.Name)
		}
		compared++
	}
	require.Positive(t, compared, "%s must have an expected result", file)
	if *update {
		require.NoError(t, os.WriteFile(file, txtar.Format(archive), 0o600))
	}
}

// actions holds the members of a file that are actions.
var actions = map[string]func(rig *rig, data string){
	"settings": func(*rig, string) {},
	"request":  (*rig).request,
	"wait":     (*rig).wait,
	"shutdown": func(rig *rig, _ string) { rig.receiver.closeAtShutdown(rig.t.Context()) },
	"snapshot": func(rig *rig, _ string) { rig.receiver.snapshot(rig.t.Context()) },
	"refuse": func(rig *rig, signals string) {
		rig.refuse = func(signal string) error {
			if strings.Contains(signals, signal) {
				return fmt.Errorf("%s: queue is full", signal)
			}
			return nil
		}
	},
}

// results holds the members of a file that are results. The metrics are the current
// values of all series, except counters and up-down counters that are 0, and the warnings
// are those since the last member warnings. The others are of what happened since the file
// began.
var results = map[string]func(rig *rig) string{
	"response":  func(rig *rig) string { return rig.response },
	"logs":      func(rig *rig) string { return printed.Logs(rig.logs.AllLogs()) },
	"resources": func(rig *rig) string { return printed.Resources(rig.logs.AllLogs()) },
	"traces":    func(rig *rig) string { return printed.Spans(rig.traces.AllTraces()) },
	"metrics":   func(rig *rig) string { return printed.Metrics(rig.series()) },
	"warnings": func(rig *rig) string {
		var lines strings.Builder
		for _, entry := range rig.warnings.TakeAll() {
			fmt.Fprintln(&lines, entry.Message)
		}
		return lines.String()
	},
}

// reset removes the log records, spans and answers so far. Each scenario file begins
// without them.
func (r *rig) reset() {
	r.logs.Reset()
	r.traces.Reset()
	r.response = ""
}

// request posts the document. A first line such as "POST /cdr?system_id=cms1" sets
// the target.
func (r *rig) request(document string) {
	target := "/cdr"
	if line, rest, _ := strings.Cut(document, "\n"); strings.HasPrefix(line, "POST ") {
		target, document = strings.TrimPrefix(line, "POST "), rest
	}
	answer := r.post(target, document)
	r.response += fmt.Sprintf("%d\n%s", answer.Code, answer.Body)
}

// wait advances the clock and scans for entities to close.
func (r *rig) wait(duration string) {
	d, err := time.ParseDuration(strings.TrimSpace(duration))
	require.NoError(r.t, err)
	r.advanceTo(r.clock().Add(d))
	r.receiver.scan(r.t.Context())
}
