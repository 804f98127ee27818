package cmscdrreceiver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// newRigOn is a rig that saves on the disk, and has loaded what is there.
func newRigOn(t testing.TB, disk *disk) *rig {
	t.Helper()
	g := newRig(t, func(cfg *Config) { cfg.Storage = &diskID })
	require.NoError(t, g.receiver.openStore(t.Context(), disk))
	return g
}

// telemetryOf is all that came out, as text, each log record and span once.
type telemetryOf map[string]bool

func (all telemetryOf) add(g *rig) {
	for _, logs := range g.logs.AllLogs() {
		for _, record := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
			uid, _ := record.Attributes().Get("log.record.uid")
			all[fmt.Sprintf("log %s, trace %s, span %s", uid.Str(), record.TraceID(), record.SpanID())] = true
		}
	}
	for text := range strings.SplitSeq(strings.ReplaceAll("\n"+printed.Spans(g.traces.AllTraces()), "\n  ", "\r  "), "\n") {
		all[strings.ReplaceAll(text, "\r", "\n")] = true
	}
}

// bodies are the documents of a story, in its order, and who posts them.
func bodies(all story, most int) (documents []string) {
	for len(all) > 0 {
		doc := wire.Document{Session: fmt.Sprintf("5e550000-0000-4000-8000-%012d", all[0].bridge), CallBridge: meeting.CallBridge(all[0].bridge)}
		n := 0
		for ; n < min(most, len(all)) && all[n].bridge == all[0].bridge; n++ {
			doc.Records = append(doc.Records, all[n].record)
		}
		documents = append(documents, string(doc.Append(nil)))
		all = all[n:]
	}
	return documents
}

// faults are the ways in which a storage fails at a write: the first time only,
// but for a power cut, after which nothing is written by that receiver.
var faults = map[string]func(write, at int) (applied bool, err error){
	"fails": func(write, at int) (bool, error) {
		if write == at {
			return false, errors.New("i/o error")
		}
		return true, nil
	},
	"fails though it wrote": func(write, at int) (bool, error) {
		if write == at {
			return true, errors.New("i/o error")
		}
		return true, nil
	},
	"is full for a while": func(write, at int) (bool, error) {
		if write >= at && write < at+4 {
			return false, storage.ErrStorageFull
		}
		return true, nil
	},
	"loses power before": func(write, at int) (bool, error) { return write < at, powerCut(write >= at) },
	"loses power behind": func(write, at int) (bool, error) { return write <= at, powerCut(write >= at) },
}

func powerCut(is bool) error {
	if is {
		return errPowerCut
	}
	return nil
}

// TestEveryFault: whichever write fails, and however, documents are sent again
// until they are answered 200, and what comes out is what comes out of an
// unbroken run.
func TestEveryFault(t *testing.T) {
	documents := bodies(tell(5, 6), 12)
	unbroken, whole := newDisk(), telemetryOf{}
	rig := newRigOn(t, unbroken)
	for _, document := range documents {
		require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
	}
	whole.add(rig)
	require.Greater(t, len(whole), 100)
	require.Len(t, documents, unbroken.writes, "one batch a document")
	require.Greater(t, unbroken.writes, 30)

	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			for at := 1; at <= unbroken.writes; at += stride(t) {
				got := playFaulty(t, documents, func(write int) (bool, error) { return fault(write, at) })
				require.Equal(t, sorted(whole), sorted(got), "write %d", at)
			}
		})
	}
}

// stride leaves most writes out of a short test.
func stride(t *testing.T) int {
	if testing.Short() {
		return 7
	}
	require.False(t, testing.Short())
	return 1
}

func sorted(all telemetryOf) []string { return slices.Sorted(maps.Keys(all)) }

// playFaulty posts the documents to a receiver on a disk that fails; after a
// power cut to another one, which finds what the disk has.
func playFaulty(t *testing.T, documents []string, fail func(write int) (bool, error)) telemetryOf {
	out, on := telemetryOf{}, newDisk()
	on.fail = fail
	rig := newRigOn(t, on)
	for _, document := range documents {
		for tries := 1; ; tries++ {
			require.Less(t, tries, 20, "the document blocks its Call Bridge")
			cut := false
			failing := on.fail
			if failing != nil {
				on.fail = func(write int) (bool, error) {
					applied, err := failing(write)
					cut = cut || errors.Is(err, errPowerCut)
					return applied, err
				}
			}
			code := rig.post("/cdr", document).Code
			on.fail = failing
			if cut {
				out.add(rig) // its answer is lost
				on.fail = nil
				rig = newRigOn(t, on)
				continue
			}
			if code == http.StatusOK {
				break
			}
			require.Equal(t, http.StatusServiceUnavailable, code)
		}
	}
	out.add(rig)
	require.Zero(t, rig.receiver.held.legs.Load())
	require.Len(t, on.values, 1+orderBridges, "what has ended is deleted")
	return out
}

// TestRestarts: killed and started anew after every document, the receiver gives
// what one that was never killed does; active calls and legs too.
func TestRestartsAnywhere(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for seed := range uint64(4) {
		documents := bodies(tell(seed, 8), 1+random.IntN(20))
		whole, broken := telemetryOf{}, telemetryOf{}
		steady, on := newRig(t, nil), newDisk()
		for _, document := range documents {
			require.Equal(t, http.StatusOK, steady.post("/cdr", document).Code)
			rig := newRigOn(t, on)
			require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
			require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
			broken.add(rig)
			require.Equal(t, steady.receiver.held.legs.Load(), rig.receiver.held.legs.Load())
			require.Equal(t, steady.byClass("cisco.cms.call_leg.active"), rig.byClass("cisco.cms.call_leg.active"))
		}
		whole.add(steady)
		require.Equal(t, sorted(whole), sorted(broken))
	}
}

// TestNotSaved: what cannot be saved is not acknowledged, though the pipelines
// have it; nor is a repeat, until all of it is saved.
func TestNotSaved(t *testing.T) {
	on := newDisk()
	rig := newRigOn(t, on)
	on.fail = func(int) (bool, error) { return false, storage.ErrStorageFull }
	for range 3 {
		answer := rig.post("/cdr", oneCall)
		require.Equal(t, http.StatusServiceUnavailable, answer.Code)
		require.Equal(t, "5", answer.Header().Get("Retry-After"))
		require.Contains(t, answer.Body.String(), "cannot be saved")
	}
	require.Equal(t, 2, rig.logs.LogRecordCount(), "the pipelines got it once")
	require.Equal(t, map[string]int64{"not_saved": 3}, rig.outcomes())
	on.fail = nil
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	require.Equal(t, 1, newRigOn(t, on).receiver.sessions.count())
	writes := on.writes
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	require.Equal(t, writes, on.writes, "a repeat changes nothing, and nothing is written")
}

// TestSavedAtTheNextTick: what a tick closed and could not save is saved later.
func TestSavedAtTheNextTick(t *testing.T) {
	on := newDisk()
	rig := newRigOn(t, on)
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	on.fail = func(int) (bool, error) { return false, storage.ErrStorageFull }
	rig.wait("25h")
	require.Equal(t, 1, rig.traces.SpanCount())
	require.EqualValues(t, 1, newRigOn(t, on).receiver.held.calls.Load())
	on.fail = nil
	rig.wait("5s")
	require.Equal(t, 1, rig.traces.SpanCount(), "it was closed already")
	require.EqualValues(t, 0, newRigOn(t, on).receiver.held.calls.Load())
}

// TestDamage: whatever value is damaged, or of another release, the receiver
// starts, says so, counts it, and goes on; the next start finds nothing wrong.
func TestDamage(t *testing.T) {
	documents := bodies(tell(5, 6), 12)
	whole := newDisk()
	rig := newRigOn(t, whole)
	for _, document := range documents[:len(documents)/2] {
		require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
	}
	require.Greater(t, len(whole.values), 10)
	damages := map[string]func(value []byte) []byte{
		"empty":           func([]byte) []byte { return []byte{} },
		"cut":             func(value []byte) []byte { return value[:len(value)/2] },
		"longer":          func(value []byte) []byte { return append(slices.Clone(value), 0) },
		"a later release": func(value []byte) []byte { return append([]byte{99}, value[1:]...) },
		"junk":            func([]byte) []byte { return []byte("\x01\xff\x00junk") },
		"another kind":    func([]byte) []byte { return []byte{1, 0xa0} },
	}
	for name, damage := range damages {
		for key := range whole.values {
			on := newDisk()
			maps.Copy(on.values, whole.values)
			on.values[key] = damage(on.values[key])
			rig := newRigOn(t, on)
			said := rig.warnings.FilterMessageSnippet("cannot be used and is started anew").All()
			require.Len(t, said, 1, "%s: %s", key, name)
			require.Equal(t, key, said[0].ContextMap()["key"])
			metric, err := rig.telemetry.GetMetric("otelcol_receiver_cms_cdr_storage_errors")
			require.NoError(t, err)
			require.EqualValues(t, 1, sumOf(t, metric)[0].Value)
			for _, document := range documents[len(documents)/2:] {
				require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
			}
			require.Zero(t, newRigOn(t, on).warnings.Len(), "%s: %s", key, name)
		}
	}
}

// TestAwayForDays: while the receiver was away nothing could be heard, so what
// was open stays open, for as long as it would have.
func TestAwayForDays(t *testing.T) {
	on := newDisk()
	rig := newRigOn(t, on)
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	rig.wait("1h")
	later := newRig(t, func(cfg *Config) { cfg.Storage = &diskID })
	later.reach(rig.clock().Add(72 * time.Hour))
	require.NoError(t, later.receiver.openStore(t.Context(), on))
	later.wait("23h")
	require.Zero(t, later.traces.SpanCount())
	later.wait("61m")
	require.Equal(t, 1, later.traces.SpanCount())
}

// TestForgottenIsErased: what is forgotten leaves the storage too.
func TestForgottenIsErased(t *testing.T) {
	on := newDisk()
	rig := newRigOn(t, on)
	for n := range 3 {
		require.Equal(t, http.StatusOK, rig.post(inSession(n)).Code)
	}
	require.Len(t, on.values, 1+3+3)
	on.fail = func(int) (bool, error) { return false, errors.New("i/o error") }
	rig.wait("721h")
	require.Greater(t, len(on.values), 1)
	on.fail = nil
	rig.wait("5s")
	require.Equal(t, []string{"sessions"}, slices.Collect(maps.Keys(on.values)))
}

// TestSourcesOverARestart: lines of sessions, and that several servers share a
// source, are known after a restart of the receiver.
func TestSourcesOverARestart(t *testing.T) {
	on := newDisk()
	call := func(session, at string, index int) string {
		return fmt.Sprintf(`<records session="%s"><record type="callStart" time="2026-03-02T%sZ" correlatorIndex="%d"><call id="%s %d"/></record></records>`,
			session, at, index, session, index)
	}
	post := func(document string) *rig {
		rig := newRigOn(t, on)
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", document).Code)
		return rig
	}
	post(call("a", "08:00:00", 0))
	rig := post(call("b", "08:10:00", 0))
	require.Equal(t, 1, rig.traces.SpanCount(), "a restart")
	rig = post(call("a", "08:05:00", 1))
	require.Zero(t, rig.warnings.Len(), "a late record")
	rig = post(call("a", "08:12:00", 2))
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("Two servers share").Len())
	rig = post(call("c", "08:20:00", 0))
	require.Zero(t, rig.traces.SpanCount())
	require.Equal(t, 4, rig.receiver.sessions.byID["a"].state.OpenCount()+rig.receiver.sessions.byID["b"].state.OpenCount()+1)
}

// TestStorageMistakes: each names the key and says what to do.
func TestStorageMistakes(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Storage = &diskID })
	err := rig.receiver.openStore(t.Context(), componenttest.NewNopHost())
	require.ErrorContains(t, err, `storage is "disk"`)
	require.ErrorContains(t, err, "service::extensions")
	err = rig.receiver.openStore(t.Context(), notAStorage{})
	require.ErrorContains(t, err, "no storage extension")
}

type notAStorage struct{ component.Component }

func (n notAStorage) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{diskID: n}
}
func (notAStorage) Start(context.Context, component.Host) error { return nil }
func (notAStorage) Shutdown(context.Context) error              { return nil }
