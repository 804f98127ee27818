package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// save writes all that came out below the folder and returns the files' names.
func save(folder string, came *result) (names []string, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	var tree strings.Builder
	printed.Tree(&tree, came.traces)
	for _, file := range []struct{ name, text string }{
		{"traces.txt", tree.String() + "\n" + printed.Spans(came.traces)},
		{"logs.txt", printed.Logs(came.logs)},
		{"metrics.txt", came.metrics},
		{"meeting.svg", picture(rows(came.traces))},
	} {
		name := filepath.Join(folder, file.name)
		if err := os.WriteFile(name, []byte(file.text), 0o644); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}
