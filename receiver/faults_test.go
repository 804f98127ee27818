package cmscdrreceiver

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// telemetryTexts is a set of log records and spans as text.
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

// faults holds the ways in which a storage fails at write number failAt. After a
// power cut that receiver writes nothing more.
var faults = map[string]func(write, at int) (applied bool, err error){
	"fails": func(write, at int) (bool, error) {
		if write == at {
			return false, errors.New("i/o error")
		}
		return true, nil
	},
	"fails after it wrote": func(write, at int) (bool, error) {
		if write == at {
			return true, errors.New("i/o error")
		}
		return true, nil
	},
	"is full for four writes": func(write, at int) (bool, error) {
		if write >= at && write < at+4 {
			return false, storage.ErrStorageFull
		}
		return true, nil
	},
	"loses power before the write": func(write, at int) (bool, error) { return write < at, powerCut(write >= at) },
	"loses power after the write": func(write, at int) (bool, error) { return write <= at, powerCut(write >= at) },
}

func powerCut(is bool) error {
	if is {
		return errPowerCut
	}
	return nil
}

// TestEveryFault checks that the telemetry is the same as without faults, whichever
// write fails and in whichever way, if documents are sent again until they are
// answered 200.
func TestEveryFault(t *testing.T) {
	documents := bodies(tell(5, 6), upTo(12))
	unbroken, whole := newDisk(), telemetryOf{}
	rig := newRigOn(t, unbroken)
	for _, document := range documents {
		require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
	}
	whole.add(rig)
	require.Greater(t, len(whole), 100)
	require.Len(t, documents, unbroken.writes, "a document needs more than one batch")
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

// stride returns the distance between the writes that fail: a short test tries one in
// seven.
func stride(t *testing.T) int {
	if testing.Short() {
		return 7
	}
	require.False(t, testing.Short())
	return 1
}

func sorted(all telemetryOf) []string { return slices.Sorted(maps.Keys(all)) }

// playWithFaults posts the documents to a receiver on a disk that fails. After a
// power cut another receiver loads what the disk has.
func playFaulty(t *testing.T, documents []string, fail func(write int) (bool, error)) telemetryOf {
	out, on := telemetryOf{}, newDisk()
	on.fail = fail
	rig := newRigOn(t, on)
	for _, document := range documents {
		for tries := 1; ; tries++ {
			require.Less(t, tries, 20, "the document is never accepted")
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
				out.add(rig) // the answer is lost
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
	require.Zero(t, rig.receiver.openCounts.legs.Load())
	require.Len(t, on.values, 1+orderBridges, "an ended entity is still saved")
	return out
}

// TestRestartAfterEveryDocument checks that a receiver that is restarted after every
// document emits the same spans and log records, and has the same active legs, as one
// that is never restarted.
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
			require.Equal(t, steady.receiver.openCounts.legs.Load(), rig.receiver.openCounts.legs.Load())
			require.Equal(t, steady.byClass("cisco.cms.call_leg.active"), rig.byClass("cisco.cms.call_leg.active"))
		}
		whole.add(steady)
		require.Equal(t, sorted(whole), sorted(broken))
	}
}
