package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// save writes all telemetry and the drawing of the trace into the folder, and returns the
// paths of the files.
func save(folder string, telemetry *telemetry) (paths []string, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	var tree strings.Builder
	printed.Tree(&tree, telemetry.traces)
	for _, file := range []struct{ name, text string }{
		{"traces.txt", tree.String() + "\n" + printed.Spans(telemetry.traces)},
		{"logs.txt", printed.Logs(telemetry.logs)},
		{"metrics.txt", telemetry.metrics},
		{"meeting.svg", drawing(telemetry.tree)},
	} {
		path := filepath.Join(folder, file.name)
		if err := os.WriteFile(path, []byte(file.text), 0o644); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}
