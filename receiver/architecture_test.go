package cmscdrreceiver

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/cmscdr/cmscdrreceiver/"

// dataFlow has the packages that a document passes through, each with the packages of the
// project that it may import. Data flows in one direction, and none of them imports the
// receiver.
var dataFlow = map[string][]string{
	"internal/cdr":        {},
	"internal/callbridge": {},
	"internal/sequence":   {},
	"internal/meeting":    {},
	"internal/correlate":  {"internal/cdr", "internal/meeting"},
	"internal/translate":  {"internal/cdr", "internal/sequence", "internal/correlate"},
	"internal/metrics":    {"internal/cdr", "internal/sequence", "internal/correlate"},
}

// effects are imports that packages in dataFlow must not have, except that packages with
// shared state may have them, and translate may have sync for its pools. forbiddenTexts are texts
// that no source file of these packages may contain: uses of a clock or a timer, and the
// start of a goroutine.
var (
	effects        = []string{"context", "sync", "sync/atomic", "log", "log/slog", "os", "net", "net/http", "go.uber.org/zap"}
	forbiddenTexts = []string{
		"time.Now(", "time.Since(", "time.After(", "time.NewTimer(", "time.NewTicker(", "time.Tick(", "time.AfterFunc(", "time.Until(", "time.Sleep(",
		"\tgo ", ".Go(",
	}
)

// TestDataFlowsOneWay checks the imports of the packages in dataFlow, and that their source
// files use no clock and no goroutine.
func TestDataFlowsOneWay(t *testing.T) {
	for folder, allowed := range dataFlow {
		t.Run(folder, func(t *testing.T) {
			pkg, err := build.ImportDir(filepath.Join("..", folder), 0)
			require.NoError(t, err)
			require.NotEmpty(t, pkg.GoFiles)
			for _, path := range pkg.Imports {
				if imported, inProject := strings.CutPrefix(path, module); inProject {
					require.Contains(t, allowed, imported, "%s must not import %s", folder, imported)
				}
				sharesState := folder == "internal/metrics" || folder == "internal/meeting"
				usesPools := folder == "internal/translate" && path == "sync"
				require.False(t, !sharesState && !usesPools && slices.Contains(effects, path), "%s must not import %s", folder, path)
			}
			for _, file := range pkg.GoFiles {
				source, err := os.ReadFile(filepath.Join(pkg.Dir, file))
				require.NoError(t, err)
				if folder == "internal/translate" {
					require.Equal(t, strings.Count(string(source), "sync.Pool"), strings.Count(string(source), "sync."), "%s must use sync for pools only", file)
				}
				for _, text := range forbiddenTexts {
					require.NotContains(t, string(source), text, "%s must use no clock and no goroutine", file)
				}
			}
		})
	}
}

// blocking lists the functions that deliver, save, or acquire or release a session lock,
// themselves or in a function that they call. Those that begin with Consume are methods of
// the pipelines. The shutdown of the receiver is not listed: signals.mu is held during it.
var blocking = []string{
	"acquire", "handle", "ingest", "processDocument", "run", "runPart", "deliver", "release", "closeSessionAtShutdown", "closeAll", "closePlanned",
	"closeEvicted", "closeOldest", "closeAtShutdown", "closePredecessor", "enforceBudget", "shrinkSession", "save", "saveOrClose", "erase",
	"updateList", "expire", "scan", "snapshot", "sessionSnapshots", "consumeLogs", "consumeTraces", "emit", "answerDocument",
	"Batch", "ConsumeLogs", "ConsumeTraces", "ConsumeMetrics",
}

// TestNothingBlocksUnderALock checks the rule of doc.go: a function that calls Lock does not
// itself call a blocking function. It also checks that no method of sessions that holds its mutex
// calls another that acquires it.
func TestNothingBlocksUnderALock(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	locking, functions, declared := 0, map[string]*ast.FuncDecl{}, map[string]bool{}
	fileSet := token.NewFileSet()
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := parser.ParseFile(fileSet, file, nil, 0)
		require.NoError(t, err)
		for _, declaration := range source.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok {
				functions[nameOf(function)], declared[function.Name.Name] = function, true
			}
		}
	}
	for _, name := range blocking {
		require.True(t, declared[name] || strings.HasPrefix(name, "Consume"), "blocking lists %s, and no function has this name", name)
	}
	for name, function := range functions {
		calls := callsOf(function)
		if !slices.Contains(calls, "Lock") {
			continue
		}
		locking++
		for _, call := range calls {
			require.NotContains(t, blocking, call, "%s acquires a mutex, so it must not call %s", name, call)
			if method := functions["sessions."+call]; strings.HasPrefix(name, "sessions.") && method != nil && call != "Lock" {
				require.NotContains(t, callsOf(method), "Lock", "%s holds sessions.mu, so it must not call %s, which acquires it", name, call)
			}
		}
	}
	require.Greater(t, locking, 20)
}

// nameOf returns the function's name, prefixed with the type of its receiver if it
// has one.
func nameOf(function *ast.FuncDecl) string {
	if function.Recv == nil {
		return function.Name.Name
	}
	receiverType := function.Recv.List[0].Type
	if pointer, ok := receiverType.(*ast.StarExpr); ok {
		receiverType = pointer.X
	}
	return receiverType.(*ast.Ident).Name + "." + function.Name.Name
}

// callsOf returns the names of the functions and methods that the function calls.
func callsOf(function *ast.FuncDecl) (names []string) {
	ast.Inspect(function, func(node ast.Node) bool {
		if call, ok := node.(*ast.CallExpr); ok {
			switch callee := call.Fun.(type) {
			case *ast.Ident:
				names = append(names, callee.Name)
			case *ast.SelectorExpr:
				names = append(names, callee.Sel.Name)
			}
		}
		return true
	})
	return names
}
