package cmscdrreceiver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/cmscdr/cmscdrreceiver/internal/checkpoint"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// newRigOn returns a rig that saves on the disk, after it loaded what is saved there.
func newRigOn(t testing.TB, disk *disk) *rig {
	t.Helper()
	return newRigOnAt(t, disk, rigStart)
}

// newRigOnAt is newRigOn with the time of the receiver's clock.
func newRigOnAt(t testing.TB, disk *disk, now time.Time) *rig {
	t.Helper()
	rig := newRig(t, func(cfg *Config) { cfg.Storage = &diskID })
	rig.now = now
	require.NoError(t, rig.receiver.openStore(t.Context(), disk))
	return rig
}

// TestDamagedValues damages each saved value in each way, one of which makes it look like a
// value of a later release: the receiver starts, logs and counts the damage, and receives
// records. The next start finds no damage.
func TestDamagedValues(t *testing.T) {
	documents := documentsOf(newWorkload(5, 6), always(12))
	undamaged := newDisk()
	rig := newRigOn(t, undamaged)
	for _, document := range documents[:len(documents)/2] {
		require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
	}
	departures, err := checkpoint.DeparturesOperation([]meeting.Departure{{Key: "correlator"}})
	require.NoError(t, err)
	require.NoError(t, undamaged.Batch(t.Context(), departures))
	require.Greater(t, len(undamaged.values), 10)
	damages := map[string]func(value []byte) []byte{
		"empty":           func([]byte) []byte { return []byte{} },
		"truncated":       func(value []byte) []byte { return value[:len(value)/2] },
		"longer":          func(value []byte) []byte { return append(slices.Clone(value), 0) },
		"a later release": func(value []byte) []byte { return append([]byte{99}, value[1:]...) },
		"random bytes":    func([]byte) []byte { return []byte("\x01\xff\x00junk") },
		"not an array":    func([]byte) []byte { return []byte{1, 0xa0} },
	}
	for name, damage := range damages {
		for key := range undamaged.values {
			disk := newDisk()
			maps.Copy(disk.values, undamaged.values)
			disk.values[key] = damage(disk.values[key])
			rig := newRigOn(t, disk)
			warnings := rig.warnings.FilterMessageSnippet("A saved value cannot be read and is deleted").All()
			require.Len(t, warnings, 1, "value %s, damage %s", key, name)
			require.Equal(t, key, warnings[0].ContextMap()["key"])
			_, kept := disk.values["departures"]
			require.Equal(t, key != "departures", kept)
			metric, err := rig.telemetry.GetMetric("otelcol_receiver_cms_cdr_storage_errors")
			require.NoError(t, err)
			require.EqualValues(t, 1, pointsOf(t, metric)[0].Value)
			for _, document := range documents[len(documents)/2:] {
				require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
			}
			require.Zero(t, newRigOn(t, disk).warnings.Len(), "value %s, damage %s", key, name)
		}
	}
}

// TestRemovedSessionsAreErased checks that sessions that are evicted, because they were
// silent for more than 30 days, are deleted from the storage, by a later scan if the storage
// fails at first.
func TestRemovedSessionsAreErased(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	for n := range 3 {
		require.Equal(t, http.StatusOK, rig.post(callOn(n)).Code)
	}
	require.Len(t, disk.values, 1+3+3)
	disk.fail = func(int) (bool, error) { return false, errors.New("i/o error") }
	rig.wait("721h")
	require.Greater(t, len(disk.values), 1)
	disk.fail = nil
	rig.wait("5s")
	require.Equal(t, []string{"sessions"}, slices.Collect(maps.Keys(disk.values)))
}

// TestRestoredMemory checks that restored sessions count in the memory of all sessions, so
// that memory::open limits them too.
func TestRestoredMemory(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post("/cdr", openLegsDocument("one", 0, 100)).Code)
	used := rig.receiver.sessions.usedBytes.Load()
	require.Greater(t, used, int64(100_000))
	require.InDelta(t, used, newRigOn(t, disk).receiver.sessions.usedBytes.Load(), 0.1*float64(used))
}

// TestStatusOfStorage checks that the status shows a failed storage although a pipeline
// accepts the records, and that a source whose system id is "storage" is not confused with the
// storage.
func TestStatusOfStorage(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	var reported []componentstatus.Status
	rig.receiver.status.hosts = hosts{hostFunc(func(e *componentstatus.Event) { reported = append(reported, e.Status()) })}
	disk.fail = func(int) (bool, error) { return false, storage.ErrStorageFull }
	for range 2 {
		require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr?system_id=storage", oneCall).Code)
		require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr?system_id=storage", strings.ReplaceAll(oneCall, `"0"`, `"1"`)).Code)
	}
	require.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError}, reported)
}

// TestStorageMistakes checks that errors of the storage setting name the key and say
// what to do.
func TestStorageMistakes(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Storage = &diskID })
	err := rig.receiver.openStore(t.Context(), componenttest.NewNopHost())
	require.ErrorContains(t, err, `storage is "disk"`)
	require.ErrorContains(t, err, "service::extensions")
	err = rig.receiver.openStore(t.Context(), notAStorage{})
	require.ErrorContains(t, err, "not a storage extension")
}

type notAStorage struct{ component.Component }

func (n notAStorage) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{diskID: n}
}

func (notAStorage) Start(context.Context, component.Host) error { return nil }
func (notAStorage) Shutdown(context.Context) error              { return nil }

// TestSystemIDOfAnyBytes checks that any system id of a receiver URI can be saved and
// restored.
func TestSystemIDOfAnyBytes(t *testing.T) {
	disk := newDisk()
	for n, id := range []string{"M%FCnchen", strings.Repeat("x", 127) + "%C3%A9", "%00%01"} {
		document := strings.Replace(oneCall, "5e550000", fmt.Sprintf("5e55%04d", n), 1)
		require.Equal(t, http.StatusOK, newRigOn(t, disk).post("/cdr?system_id="+id, document).Code)
		restarted := newRigOn(t, disk)
		require.Zero(t, restarted.warnings.Len(), id)
		require.Equal(t, n+1, restarted.receiver.sessions.count())
	}
}

// TestEvictedSessionIsNotAdmitted checks that a document of an evicted session is
// refused while the session cannot be closed or deleted: the deletion would delete
// the values of a new session with the same id.
func TestEvictedSessionIsNotAdmitted(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	later := strings.NewReplacer(`correlatorIndex="0"`, `correlatorIndex="1"`, "ca110000", "ca119999").Replace(oneCall)
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	for n, fault := range []func(){
		func() { rig.refuse = func(string) error { return errors.New("queue is full") } },
		func() {
			rig.refuse = nil
			disk.fail = func(int) (bool, error) { return false, errors.New("i/o error") }
		},
	} {
		fault()
		rig.wait("721h")
		// The document starts a call, which has no span yet, so that no pipeline refuses it.
		rig.refuse = func(signal string) error {
			if signal == "traces" {
				return errors.New("queue is full")
			}
			return nil
		}
		require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", later).Code)
		require.Equal(t, n+1, rig.warnings.FilterMessageSnippet("Refused a document").Len())
	}
	rig.refuse, disk.fail = nil, nil
	rig.wait("5s")
	require.Equal(t, http.StatusOK, rig.post("/cdr", later).Code)
	require.EqualValues(t, 1, newRigOn(t, disk).receiver.openCounts.calls.Load())
}

// TestManyGaps checks that a document with many gaps, or with many records that report
// missing records before them, is processed within the time for an answer.
func TestManyGaps(t *testing.T) {
	for name, attributes := range map[string]func(n int) string{
		"descending": func(n int) string { return fmt.Sprintf(`correlatorIndex="%d"`, 1_000_000-2*n) },
		"reported missing": func(n int) string {
			return fmt.Sprintf(`correlatorIndex="%d" numPreceedingRecordsMissing="9999999999"`, 900_000-n)
		},
	} {
		t.Run(name, func(t *testing.T) {
			rig := newQuietRig(t)
			var body strings.Builder
			body.WriteString(`<records session="s">`)
			for n := range 8000 {
				fmt.Fprintf(&body, `<record type="x" time="2026-03-02T08:00:00Z" correlatorIndex="%d"/>`, 2*n)
			}
			for n := range 20_000 {
				fmt.Fprintf(&body, `<record type="x" time="2026-03-02T08:00:00Z" %s/>`, attributes(n))
			}
			body.WriteString(`</records>`)
			require.Equal(t, http.StatusOK, rig.post("/cdr", body.String()).Code)
			require.Equal(t, 28_000, int(rig.sum("cisco.cms.record.received")))
		})
	}
}

// TestMissingValues checks that a saved value that is missing is logged once.
func TestMissingValues(t *testing.T) {
	for _, key := range []string{"sessions", "s/5e550000-0000-4000-8000-000000000001"} {
		disk := newDisk()
		require.Equal(t, http.StatusOK, newRigOn(t, disk).post("/cdr", oneCall).Code)
		require.Contains(t, disk.values, key)
		delete(disk.values, key)
		warnings := newRigOn(t, disk).warnings.All()
		require.Len(t, warnings, 1, key)
		require.Equal(t, key, warnings[0].ContextMap()["key"])
		require.Contains(t, warnings[0].ContextMap()["error"], "the value is missing")
		require.Zero(t, newRigOn(t, disk).warnings.Len(), key)
		require.Equal(t, http.StatusOK, newRigOn(t, disk).post("/cdr", oneCall).Code)
		require.Zero(t, newRigOn(t, disk).warnings.Len(), key)
	}
}
