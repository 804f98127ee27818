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
type telemetryTexts map[string]bool

func (texts telemetryTexts) add(rig *rig) {
	for _, logs := range rig.logs.AllLogs() {
		for _, record := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
			uid, _ := record.Attributes().Get("log.record.uid")
			texts[fmt.Sprintf("log %s, trace %s, span %s", uid.Str(), record.TraceID(), record.SpanID())] = true
		}
	}
	// The first line of a span is not indented, all others are. They are joined with \r,
	// so that the text can be split into spans.
	for text := range strings.SplitSeq(strings.ReplaceAll(printed.Spans(rig.traces.AllTraces()), "\n  ", "\r  "), "\n") {
		texts[strings.ReplaceAll(text, "\r", "\n")] = true
	}
	delete(texts, "") // after the last span
}

// faults holds the ways in which a storage fails at write number failAt. After a
// power cut all later writes fail too, until another receiver is started.
var faults = map[string]func(write, failAt int) (applied bool, err error){
	"fails": func(write, failAt int) (bool, error) {
		if write == failAt {
			return false, errors.New("i/o error")
		}
		return true, nil
	},
	"fails after it wrote": func(write, failAt int) (bool, error) {
		if write == failAt {
			return true, errors.New("i/o error")
		}
		return true, nil
	},
	"is full for four writes": func(write, failAt int) (bool, error) {
		if write >= failAt && write < failAt+4 {
			return false, storage.ErrStorageFull
		}
		return true, nil
	},
	"loses power before the write": func(write, failAt int) (bool, error) { return write < failAt, powerCut(write >= failAt) },
	"loses power after the write":  func(write, failAt int) (bool, error) { return write <= failAt, powerCut(write >= failAt) },
}

// powerCut returns errPowerCut if the power is lost.
func powerCut(lost bool) error {
	if lost {
		return errPowerCut
	}
	return nil
}

// TestEveryFault checks every fault at every write: if documents are sent again until
// they are answered 200, the log records and spans are the same as without faults. An
// item that is delivered again after a power cut counts once.
func TestEveryFault(t *testing.T) {
	documents := documentsOf(newWorkload(5, 6), always(12))
	disk, want := newDisk(), telemetryTexts{}
	rig := newRigOn(t, disk)
	for _, document := range documents {
		require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
	}
	want.add(rig)
	require.Greater(t, len(want), 100)
	require.Len(t, documents, disk.writes, "each document must be saved in one batch")
	require.Greater(t, disk.writes, 30)

	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			for failAt := 1; failAt <= disk.writes; failAt += stride() {
				got := playWithFaults(t, documents, func(write int) (bool, error) { return fault(write, failAt) })
				require.Equal(t, sorted(want), sorted(got), "the telemetry must not depend on the fault at write %d", failAt)
			}
		})
	}
}

// stride returns the distance from the write that fails in one run to the write that fails
// in the next run. A short test has runs for one write in seven only.
func stride() int {
	if testing.Short() {
		return 7
	}
	return 1
}

func sorted(all telemetryTexts) []string { return slices.Sorted(maps.Keys(all)) }

// playWithFaults posts the documents to a receiver on a disk that fails. After a
// power cut another receiver loads what the disk has.
func playWithFaults(t *testing.T, documents []string, fail func(write int) (bool, error)) telemetryTexts {
	got, disk, restarted := telemetryTexts{}, newDisk(), false
	disk.fail = fail
	rig := newRigOn(t, disk)
	for _, document := range documents {
		for tries := 1; ; tries++ {
			require.Less(t, tries, 20, "a document must be accepted in the end")
			powerLost := false // set by a write of this document
			failing := disk.fail
			if failing != nil {
				disk.fail = func(write int) (bool, error) {
					applied, err := failing(write)
					powerLost = powerLost || errors.Is(err, errPowerCut)
					return applied, err
				}
			}
			code := rig.post("/cdr", document).Code
			disk.fail = failing
			if powerLost {
				// The answer is lost with the receiver, so the document is posted again.
				got.add(rig)
				disk.fail = nil
				rig, restarted = newRigOn(t, disk), true
				continue
			}
			if code == http.StatusOK {
				break
			}
			require.Equal(t, http.StatusServiceUnavailable, code)
		}
	}
	got.add(rig)
	if !restarted {
		require.Equal(t, len(got), rig.logs.LogRecordCount()+rig.traces.SpanCount(), "without a power cut each item must be delivered once")
	}
	require.Zero(t, rig.receiver.openCounts.legs.Load())
	require.Len(t, disk.values, 1+workloadBridges, "ended entities must be deleted from the storage")
	return got
}

// TestRestartAfterEveryDocument checks that a receiver that is restarted after every
// document, and gets every document twice, emits the same spans and log records, and has
// the same active legs, as one that is never restarted and gets every document once.
func TestRestartAfterEveryDocument(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for seed := range uint64(4) {
		documents := documentsOf(newWorkload(seed, 8), always(1+random.IntN(20)))
		want, got, items := telemetryTexts{}, telemetryTexts{}, 0
		reference, disk := newRig(t, nil), newDisk()
		for _, document := range documents {
			require.Equal(t, http.StatusOK, reference.post("/cdr", document).Code)
			rig := newRigOn(t, disk)
			require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
			require.Equal(t, http.StatusOK, rig.post("/cdr", document).Code)
			got.add(rig)
			items += rig.logs.LogRecordCount() + rig.traces.SpanCount()
			require.Equal(t, reference.receiver.openCounts.legs.Load(), rig.receiver.openCounts.legs.Load())
			require.Equal(t, reference.byClass("cisco.cms.call_leg.active"), rig.byClass("cisco.cms.call_leg.active"))
		}
		want.add(reference)
		require.Equal(t, sorted(want), sorted(got))
		require.Len(t, got, items, "each item must be emitted once")
	}
}
