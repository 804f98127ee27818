//go:build unix

package cmscdrreceiver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/cmscdr/cmscdrreceiver/internal/metadata"
)

var fileStorageID = component.MustNewID("file_storage")

// fileStorageHost is a host with a file_storage.
type fileStorageHost struct{ component.Component }

func (f fileStorageHost) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{fileStorageID: f.Component}
}

// newFileStorageHost returns a host whose file_storage stores its files in the folder.
func newFileStorageHost(t testing.TB, folder string, compact bool) fileStorageHost {
	t.Helper()
	factory := filestorage.NewFactory()
	cfg := factory.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory = folder
	cfg.Compaction.OnStart, cfg.Compaction.Directory = compact, folder
	extension, err := factory.Create(context.Background(), extensiontest.NewNopSettings(factory.Type()), cfg)
	require.NoError(t, err)
	return fileStorageHost{extension}
}

// newRigOnFile returns a rig with a file_storage in the folder, after it loaded what
// is saved there.
func newRigOnFile(t testing.TB, folder string, compact bool) *rig {
	t.Helper()
	rig := newRig(t, func(cfg *Config) { cfg.Storage = &fileStorageID })
	rig.receiver.settings.ID = component.NewID(metadata.Type)
	require.NoError(t, rig.receiver.openStore(t.Context(), newFileStorageHost(t, folder, compact)))
	return rig
}

// TestFileOf checks the names of the files against those that file_storage creates.
func TestFileOf(t *testing.T) {
	for _, name := range []string{"", "berlin", "Zürich/2 ~\U0001f3e5"} {
		folder := t.TempDir()
		receiver := component.MustNewIDWithName(metadata.Type.String(), name)
		rig := newRig(t, func(cfg *Config) { cfg.Storage = &fileStorageID })
		rig.receiver.settings.ID = receiver
		require.NoError(t, rig.receiver.openStore(t.Context(), newFileStorageHost(t, folder, false)))
		rig.closeStore()
		require.FileExists(t, filepath.Join(folder, fileOf(receiver)))
	}
}

// TestStorageInUse checks the advice if another process holds the lock of the file.
func TestStorageInUse(t *testing.T) {
	folder := t.TempDir()
	other := newRigOnFile(t, folder, false)
	defer other.closeStore()
	rig := newRig(t, func(cfg *Config) { cfg.Storage = &fileStorageID })
	rig.receiver.settings.ID = component.NewID(metadata.Type)
	err := rig.receiver.openStore(t.Context(), newFileStorageHost(t, folder, false))
	require.ErrorContains(t, err, "another process, such as a second collector, uses the file receiver_cms_cdr_ in the storage's directory: stop it")
	require.NotContains(t, err.Error(), "move the file")
}

// TestOpenAdvice checks the advice for files that cannot be opened for other reasons.
func TestOpenAdvice(t *testing.T) {
	receiver := component.NewID(metadata.Type)
	denied := fmt.Errorf("cannot open: %w", &fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES})
	require.Equal(t, "let the user of the collector read and write the files in the storage's directory", openAdvice(denied, receiver))
	require.Equal(t, "if its file is damaged, "+remedy(receiver), openAdvice(errors.New("invalid database"), receiver))
}

func (r *rig) closeStore() {
	require.NoError(r.t, r.receiver.store.client.Close(r.t.Context()))
}

// damagedFolderVariable is the environment variable that passes the folder to
// TestStartOnDamage.
const damagedFolderVariable = "CMS_CDR_TEST_DAMAGED_FOLDER"

// TestStartOnDamage runs in the processes that TestDamagedFile starts, one for each file. It
// starts a receiver on a file_storage as a collector does.
func TestStartOnDamage(t *testing.T) {
	folder := os.Getenv(damagedFolderVariable)
	if folder == "" {
		t.Skip("TestDamagedFile runs this test")
	}
	encoder := zapcore.NewConsoleEncoder(zapcore.EncoderConfig{MessageKey: "message", LevelKey: "level", EncodeLevel: zapcore.CapitalLevelEncoder})
	set := receivertest.NewNopSettings(metadata.Type)
	set.ID = component.NewID(metadata.Type)
	set.Logger = zap.New(zapcore.NewCore(encoder, zapcore.AddSync(os.Stdout), zap.InfoLevel))
	cfg := createDefaultConfig().(*Config)
	cfg.HTTP.NetAddr.Endpoint, cfg.Storage = "127.0.0.1:0", &fileStorageID
	logsReceiver, err := NewFactory().CreateLogs(t.Context(), set, cfg, logsFunc(nil))
	require.NoError(t, err)
	host := newFileStorageHost(t, folder, false)
	if err := logsReceiver.Start(t.Context(), host); err != nil {
		fmt.Printf("refused %q\n", err)
	} else {
		r := logsReceiver.(*signals).receiver
		fmt.Println("started with", r.sessions.count(), "sessions,", r.openCounts.calls.Load(), "calls and", r.openCounts.legs.Load(), "legs")
	}
	// A collector shuts down a component even if its start failed.
	fmt.Printf("shut down %v\n", logsReceiver.Shutdown(t.Context()))
	os.Exit(0) // bbolt leaves goroutines behind
}

// pageSize is the page size of a bbolt file on a machine with pages of 4 KiB. On other
// machines a damage to a page changes only a part of it.
const pageSize = 4096

// damages holds functions that damage the contents of a file.
var damages = map[string]func(random *rand.Rand, file []byte) []byte{
	"truncated": func(random *rand.Rand, file []byte) []byte { return file[:1+random.IntN(len(file)-1)] },
	"truncated at a page": func(random *rand.Rand, file []byte) []byte {
		return file[:pageSize*(1+random.IntN(len(file)/pageSize-1))]
	},
	"zeroed page": func(random *rand.Rand, file []byte) []byte {
		clear(randomPage(random, file))
		return file
	},
	"garbage page": func(random *rand.Rand, file []byte) []byte {
		fillRandomly(random, randomPage(random, file))
		return file
	},
	"garbage": func(random *rand.Rand, file []byte) []byte {
		fillRandomly(random, file)
		return file
	},
	"flipped bits": func(random *rand.Rand, file []byte) []byte {
		for range 1 + random.IntN(200) {
			flipBit(random, file)
		}
		return file
	},
	"flipped bit of a page header": func(random *rand.Rand, file []byte) []byte {
		flipBit(random, randomPage(random, file)[:16])
		return file
	},
	"flipped bit of page elements": func(random *rand.Rand, file []byte) []byte {
		flipBit(random, randomPage(random, file)[16:64])
		return file
	},
	"swapped pages": func(random *rand.Rand, file []byte) []byte {
		a, b := randomPage(random, file), randomPage(random, file)
		copyOfA := bytes.Clone(a)
		copy(a, b)
		copy(b, copyOfA)
		return file
	},
	"end of another file": func(random *rand.Rand, file []byte) []byte {
		return append(file[:pageSize*(1+random.IntN(len(file)/pageSize-1))], bytes.Repeat([]byte("other "), 5000)...)
	},
}

func randomPage(random *rand.Rand, file []byte) []byte {
	start := pageSize * random.IntN(len(file)/pageSize)
	return file[start : start+pageSize]
}

func fillRandomly(random *rand.Rand, bytes []byte) {
	for i := range bytes {
		bytes[i] = byte(random.Uint32())
	}
}

func flipBit(random *rand.Rand, bytes []byte) { bytes[random.IntN(len(bytes))] ^= 1 << random.IntN(8) }

// writeDamagedFile writes a damaged copy of the file to a new folder and returns the
// folder.
func writeDamagedFile(t *testing.T, contents []byte, damage func(*rand.Rand, []byte) []byte, seed uint64) string {
	t.Helper()
	folder := t.TempDir()
	damaged := damage(rand.New(rand.NewPCG(seed, seed)), bytes.Clone(contents))
	require.NoError(t, os.WriteFile(filepath.Join(folder, fileName), damaged, 0o600))
	return folder
}

// fileName is the name of the receiver's file in file_storage.
const fileName = "receiver_cms_cdr_"

// savedFile returns the contents of a file with sessions that have open calls.
func savedFile(t *testing.T) []byte {
	t.Helper()
	folder := t.TempDir()
	rig := newRigOnFile(t, folder, false)
	documents := documentsOf(newWorkload(5, 60), always(12))
	for _, document := range documents[:len(documents)/2] {
		require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
	}
	rig.closeStore()
	newRigOnFile(t, folder, true).closeStore() // compacted, so that most pages are in use
	contents, err := os.ReadFile(filepath.Join(folder, fileName))
	require.NoError(t, err)
	require.Greater(t, len(contents), 20*pageSize)
	return contents
}

// startOn starts a receiver on the folder in a separate process and returns its
// output.
func startOn(t *testing.T, folder string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStartOnDamage$")
	cmd.Env = append(os.Environ(), damagedFolderVariable+"="+folder, "GORACE=atexit_sleep_ms=0")
	output, _ := cmd.CombinedOutput()
	return string(output)
}

// TestDamagedFile checks that the receiver never panics on a damaged file. It starts with
// what it can read and logs what it cannot, or it refuses to start with one error that says
// why and what to do.
func TestDamagedFile(t *testing.T) {
	contents := savedFile(t)
	undamaged := startOn(t, writeDamagedFile(t, contents, func(_ *rand.Rand, file []byte) []byte { return file }, 0))
	require.Regexp(t, `(?m)^started with 3 sessions, \d\d+ calls and \d\d+ legs$`, undamaged)
	require.NotContains(t, undamaged, "ERROR")
	require.Len(t, damages, 10)
	started, refused := 0, 0
	for name, damage := range damages {
		for seed := range uint64(6) {
			output := startOn(t, writeDamagedFile(t, contents, damage, seed))
			firstLine, rest, _ := strings.Cut(output, "\n")
			require.Regexp(t, `^INFO\tOpening the storage; if the collector crashes now, its file is damaged: stop the collector, move `, firstLine, "damage %s, seed %d: %s", name, seed, output)
			if strings.HasPrefix(rest, "refused") {
				require.Regexp(t, `^refused "storage \\"file_storage\\": .*damaged.* stop the collector, move the file receiver_cms_cdr_ .*"\nshut down <nil>\n$`, rest, "damage %s, seed %d", name, seed)
				refused++
				continue
			}
			require.Regexp(t, `(?m)^started with \d sessions, .*\nshut down <nil>\n$`, rest, "damage %s, seed %d", name, seed)
			if !strings.Contains(rest, "started with 3 sessions") {
				require.Contains(t, rest, "ERROR\tA saved value cannot be read and is deleted", "damage %s, seed %d", name, seed)
			}
			started++
		}
	}
	require.Positive(t, started)
	require.Greater(t, refused, 20)
}

// TestPanickingStorage checks that a panic or an invalid memory access in the storage
// becomes an error, and that the storage is not called again, because it may hold its
// locks.
func TestPanickingStorage(t *testing.T) {
	faults := []struct {
		name, want string
		fault      func()
	}{
		{"a panic", "the storage panicked: invalid page 7", func() { panic("invalid page 7") }},
		{"a nil pointer", "the storage panicked: runtime error: invalid memory address", func() { _ = *(*byte)(nil) }},
		{"a truncated file", "the storage panicked: runtime error: invalid memory address", func() { readAfterEnd(t) }},
	}
	for _, c := range faults {
		disk := newDisk()
		rig := newRigOn(t, disk)
		require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
		calls := 0
		disk.fail = func(int) (bool, error) { calls++; c.fault(); return true, nil }
		later := strings.NewReplacer(`correlatorIndex="0"`, `correlatorIndex="1"`, "ca110000", "ca119999").Replace(oneCall)
		for range 3 {
			require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", later).Code)
		}
		require.Equal(t, 1, calls)
		warnings := rig.warnings.FilterMessageSnippet("Cannot save").All()
		require.Len(t, warnings, 3)
		require.Contains(t, warnings[2].ContextMap()["error"], c.want, c.name)
		require.Contains(t, warnings[2].ContextMap()["error"], "move the file receiver_cms_cdr_")
		require.NoError(t, rig.receiver.store.client.Close(t.Context()))
	}
}

// readAfterEnd reads memory that is mapped beyond the end of a file.
func readAfterEnd(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "short"))
	require.NoError(t, err)
	defer file.Close()
	memory, err := syscall.Mmap(int(file.Fd()), 0, pageSize, syscall.PROT_READ, syscall.MAP_SHARED)
	require.NoError(t, err)
	defer func() { require.NoError(t, syscall.Munmap(memory)) }()
	fmt.Fprint(io.Discard, memory[0])
}
