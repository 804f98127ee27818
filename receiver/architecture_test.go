package cmscdrreceiver

import (
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/cmscdr/cmscdrreceiver/"

// stations are the packages on a document's way, with those of the project that
// each may import: data flows one way, and nothing imports the receiver.
var stations = map[string][]string{
	"internal/cdr":        {},
	"internal/callbridge": {},
	"internal/sequence":   {},
	"internal/meeting":    {},
	"internal/correlate":  {"internal/cdr", "internal/meeting"},
	"internal/translate":  {"internal/cdr", "internal/sequence", "internal/correlate"},
	"internal/metrics":    {"internal/cdr", "internal/sequence", "internal/correlate"},
}

// What values in, values out does without, but where what is kept is shared.
var (
	effects = []string{"context", "sync", "sync/atomic", "log", "log/slog", "os", "net", "net/http", "go.uber.org/zap"}
	clocks  = []string{"time.Now(", "time.Since(", "time.After(", "time.NewTimer(", "time.NewTicker(", "go func"}
)

func TestDataFlowsOneWay(t *testing.T) {
	for folder, allowed := range stations {
		t.Run(folder, func(t *testing.T) {
			pkg, err := build.ImportDir(filepath.Join("..", folder), 0)
			require.NoError(t, err)
			require.NotEmpty(t, pkg.GoFiles)
			for _, path := range pkg.Imports {
				if inner, ours := strings.CutPrefix(path, module); ours {
					require.Contains(t, allowed, inner, "%s must not import %s", folder, inner)
				}
				shared := folder == "internal/metrics" || folder == "internal/meeting"
				require.False(t, !shared && slices.Contains(effects, path), "%s must not import %s", folder, path)
			}
			for _, file := range pkg.GoFiles {
				source, err := os.ReadFile(filepath.Join(pkg.Dir, file))
				require.NoError(t, err)
				for _, clock := range clocks {
					require.NotContains(t, string(source), clock, "%s has a clock or a goroutine", file)
				}
			}
		})
	}
}
