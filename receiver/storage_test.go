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
	documents := bodies(tell(5, 6), upTo(12))
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
		documents := bodies(tell(seed, 8), upTo(1+random.IntN(20)))
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
	documents := bodies(tell(5, 6), upTo(12))
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

// TestSystemIDOfAnyBytes: what a URI has in its query can be saved and read again.
func TestSystemIDOfAnyBytes(t *testing.T) {
	on := newDisk()
	for n, id := range []string{"M%FCnchen", strings.Repeat("x", 127) + "%C3%A9", "%00%01"} {
		document := strings.Replace(oneCall, "5e550000", fmt.Sprintf("5e55%04d", n), 1)
		require.Equal(t, http.StatusOK, newRigOn(t, on).post("/cdr?system_id="+id, document).Code)
		next := newRigOn(t, on)
		require.Zero(t, next.warnings.Len(), id)
		require.Equal(t, n+1, next.receiver.sessions.count())
	}
}

// TestSameSessionComesBack: a session that is being closed for its silence, and
// cannot be, has no other beside it, whose values it would delete.
func TestSameSessionComesBack(t *testing.T) {
	on := newDisk()
	rig := newRigOn(t, on)
	later := strings.NewReplacer(`correlatorIndex="0"`, `correlatorIndex="1"`, "ca110000", "ca119999").Replace(oneCall)
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	for _, fault := range []func(){
		func() { rig.refuse = func(string) error { return errors.New("queue is full") } },
		func() { on.fail = func(int) (bool, error) { return false, errors.New("i/o error") } },
	} {
		fault()
		rig.wait("721h")
		rig.refuse = func(signal string) error {
			if signal == "traces" {
				return errors.New("queue is full")
			}
			return nil
		}
		require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", later).Code)
		require.NotEmpty(t, rig.warnings.FilterMessageSnippet("has to wait").TakeAll())
	}
	rig.refuse, on.fail = nil, nil
	rig.wait("5s")
	require.Equal(t, http.StatusOK, rig.post("/cdr", later).Code)
	require.EqualValues(t, 1, newRigOn(t, on).receiver.held.calls.Load())
}

// TestPredecessorIsSavedFirst: a restart is not acknowledged before what it closed
// is saved, or a crash would close it again.
func TestPredecessorIsSavedFirst(t *testing.T) {
	on := newDisk()
	rig := newRigOn(t, on)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", oneCall).Code)
	next := strings.Replace(oneCall, "5e550000", "5e559999", 1)
	failed := 0
	on.fail = func(int) (bool, error) {
		failed++
		return failed > 2, map[bool]error{true: errors.New("i/o error")}[failed <= 2]
	}
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr?system_id=cms1", next).Code)
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr?system_id=cms1", next).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", next).Code)
	require.Equal(t, 1, rig.traces.SpanCount())
	require.Zero(t, newRigOn(t, on).receiver.sessions.byID["5e550000-0000-4000-8000-000000000001"].state.OpenCount())
}

// TestGraceWhileNotSaved: what waits behind a document that cannot be saved is not
// taken for lost.
func TestGraceWhileNotSaved(t *testing.T) {
	on := newDisk()
	rig := newRigOn(t, on)
	record := func(kind, element string, index int) string {
		return fmt.Sprintf(`<records session="s"><record type="%s" time="2026-03-02T08:00:00Z" correlatorIndex="%d">%s</record></records>`, kind, index, element)
	}
	require.Equal(t, http.StatusOK, rig.post("/cdr", record("callStart", `<call id="c"/>`, 0)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr", record("callLegStart", `<callLeg id="l"><call>c</call></callLeg>`, 1)).Code)
	on.fail = func(int) (bool, error) { return false, storage.ErrStorageFull }
	for range 20 {
		require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", record("callEnd", `<call id="c"/>`, 2)).Code)
		rig.wait("5s")
	}
	on.fail = nil
	rig.wait("5s")
	require.Equal(t, http.StatusOK, rig.post("/cdr", record("callEnd", `<call id="c"/>`, 2)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr", record("callLegEnd", `<callLeg id="l"/>`, 3)).Code)
	whole, incomplete := rig.spans()
	require.Equal(t, map[string]int{"call": 1, "call_leg": 1}, whole)
	require.Empty(t, incomplete)
}

// TestMeetingOnceOverARestart: the end of a call was refused, the other call's end
// brought the meeting's span, and then the collector is restarted in order: the
// span does not come again.
func TestMeetingOnceOverARestart(t *testing.T) {
	on := newDisk()
	rig := newRigOn(t, on)
	for bridge := range 2 {
		require.Equal(t, http.StatusOK, rig.post("/cdr", callOf(1, bridge, 0, "callStart")).Code)
	}
	rig.refuse = func(string) error { return errors.New("queue is full") }
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", callOf(1, 1, 1, "callEnd")).Code)
	rig.refuse = nil
	require.Equal(t, http.StatusOK, rig.post("/cdr", callOf(1, 0, 1, "callEnd")).Code)
	whole, _ := rig.spans()
	require.Equal(t, map[string]int{"call": 1, "meeting": 1}, whole)
	require.NoError(t, rig.receiver.keepOrRelease(t.Context()))
	rig = newRigOn(t, on)
	require.Equal(t, http.StatusOK, rig.post("/cdr", callOf(1, 1, 1, "callEnd")).Code)
	whole, _ = rig.spans()
	require.Equal(t, map[string]int{"call": 1}, whole)
	require.False(t, rig.traces.AllTraces()[0].ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).ParentSpanID().IsEmpty())
	require.Equal(t, http.StatusOK, rig.post("/cdr", callOf(2, 0, 2, "callStart")).Code)
	require.Empty(t, newRigOn(t, on).receiver.sessions.byID["5e550000-0000-4000-8000-000000000000"].state.Keep().Left)
}

// TestSilenceOverRestarts: only the time that the receiver was away is left out.
func TestSilenceOverRestarts(t *testing.T) {
	on := newDisk()
	rig := newRigOn(t, on)
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	alive := rig.clock()
	for day := range 2 {
		rig = newRig(t, func(cfg *Config) { cfg.Storage = &diskID })
		rig.reach(alive.Add(time.Duration(day) * 13 * time.Hour))
		require.NoError(t, rig.receiver.openStore(t.Context(), on))
		rig.wait("13h")
		other := strings.Replace(oneCall, "5e550000", fmt.Sprintf("5e55111%d", day), 1)
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=other", other).Code)
	}
	_, incomplete := rig.spans()
	require.Equal(t, 1, incomplete["expired"]["call"], "13 hours and 13 hours are more than a day")
}

// TestEqualBeginnings: of two runs whose first records tell the same time, the one
// that is heard of is the latest, after a restart of the receiver too.
func TestEqualBeginnings(t *testing.T) {
	for range 20 {
		on := newDisk()
		for n, session := range []string{"first", "second"} {
			rig := newRigOn(t, on)
			rig.reach(rig.clock().Add(time.Duration(n) * time.Minute))
			document := strings.Replace(oneCall, "5e550000-0000-4000-8000-000000000001", session, 1)
			require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", document).Code)
		}
		rig := newRigOn(t, on)
		require.Equal(t, "second", rig.receiver.sessions.lines["cms1"].latest.id)
	}
}

// TestManyGaps: documents made of nothing but gaps, and of claims of losses, cost
// no square of their size.
func TestManyGaps(t *testing.T) {
	for name, attributes := range map[string]func(n int) string{
		"descending": func(n int) string { return fmt.Sprintf(`correlatorIndex="%d"`, 1_000_000-2*n) },
		"claims": func(n int) string {
			return fmt.Sprintf(`correlatorIndex="%d" numPreceedingRecordsMissing="9999999999"`, 900_000-n)
		},
	} {
		t.Run(name, func(t *testing.T) {
			rig := quiet(t)
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
			require.Greater(t, int(rig.sum("cisco.cms.record.received")), 12_000)
		})
	}
}

// TestRefusedOverARestart: a Call Bridge that was refused for more than a day has
// some time to speak when the receiver is back.
func TestRefusedOverARestart(t *testing.T) {
	on := newDisk()
	rig := newRigOn(t, on)
	require.Equal(t, http.StatusOK, rig.post(inSession(1)).Code)
	_, document := inSession(2)
	rig.reach(rig.clock().Add(26 * time.Hour))
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms2", document).Code)
	next := newRig(t, func(cfg *Config) { cfg.Storage = &diskID })
	next.reach(rig.clock())
	require.NoError(t, next.receiver.openStore(t.Context(), on))
	next.wait("9m")
	require.Zero(t, next.traces.SpanCount())
	next.wait("2m")
	require.Equal(t, 1, next.traces.SpanCount())
}
