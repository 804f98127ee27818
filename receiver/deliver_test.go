package cmscdrreceiver

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/consumer/consumererror"

	"github.com/cmscdr/cmscdrreceiver/internal/testing/printed"
)

// TestRefusedChangesNothing checks that a document of which every payload is refused changes
// nothing, and that its resend is processed like a new document.
func TestRefusedChangesNothing(t *testing.T) {
	rig := newRig(t, nil)
	rig.refuse = func(string) error { return errors.New("queue is full") }
	for range 3 {
		require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", oneCall).Code)
	}
	require.Zero(t, rig.logs.LogRecordCount())
	require.Empty(t, printed.Metrics(rig.series()), "a refused document must not change a series")
	require.EqualValues(t, 0, rig.receiver.openCounts.calls.Load())

	rig.refuse = nil
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	require.Equal(t, 2, rig.logs.LogRecordCount(), "the start of the session and of the call")
	require.EqualValues(t, 1, rig.receiver.openCounts.calls.Load())
}

// TestRefusedPermanently checks that a permanently refused document is acknowledged.
// A resend would be refused as well, and Meeting Server would send nothing else.
func TestRefusedPermanently(t *testing.T) {
	rig := newRig(t, nil)
	rig.refuse = func(string) error { return consumererror.NewPermanent(errors.New("bad data")) }
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("refused items permanently").Len())
}

// TestSessionsAreIndependent checks that a document is answered while the pipeline
// blocks on a document of another session, and that a resend of the blocked document
// is answered in time.
func TestSessionsAreIndependent(t *testing.T) {
	rig := newRig(t, nil)
	synctest.Test(t, func(t *testing.T) {
		blocked := make(chan struct{})
		release := make(chan struct{})
		isFirst := true
		rig.refuse = func(string) error {
			if isFirst {
				isFirst = false
				close(blocked)
				<-release
			}
			return nil
		}
		slow := make(chan int)
		go func() { slow <- rig.post("/cdr", oneCall).Code }()
		<-blocked

		other := strings.Replace(oneCall, "5e550000", "5e559999", 1)
		require.Equal(t, http.StatusOK, rig.post("/cdr", other).Code)

		start := time.Now()
		require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", oneCall).Code)
		require.Less(t, time.Since(start), rig.receiver.config.HTTP.WriteTimeout)
		close(release)
		require.Equal(t, http.StatusOK, <-slow)
	})
}

// TestBusySession checks the answer to a document that waits too long for the lock of
// its session or of the session's predecessor. The answer does not blame the pipelines,
// and the log names the session that is busy.
func TestBusySession(t *testing.T) {
	const restarted = "5e559999-0000-4000-8000-000000000001"
	for name, document := range map[string]string{
		"own lock":           oneCall,
		"predecessor's lock": strings.Replace(oneCall, "5e550000-0000-4000-8000-000000000001", restarted, 1),
	} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, nil)
			synctest.Test(t, func(t *testing.T) {
				require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", oneCall).Code)
				busy := rig.onlySession()
				require.NoError(t, busy.acquire(t.Context()))
				answer := rig.post("/cdr?system_id=cms1", document)
				require.Equal(t, http.StatusServiceUnavailable, answer.Code)
				require.Equal(t, answerBusy.text+"\n", answer.Body.String())
				warnings := rig.warnings.TakeAll()
				require.Len(t, warnings, 1)
				require.Contains(t, warnings[0].ContextMap()["error"], busy.id)
				busy.release()
				require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", document).Code)
			})
			require.Equal(t, map[string]int64{"accepted": 2, "refused": 1}, rig.outcomes())
		})
	}
}

// TestStatus checks that the status is reported when the first source is refused and
// when none is refused any more, and that the refusal of a source that sends nothing
// expires.
func TestStatus(t *testing.T) {
	var reported []componentstatus.Status
	s := status{hosts: hosts{hostFunc(func(e *componentstatus.Event) { reported = append(reported, e.Status()) })}}
	full, now := errors.New("queue is full"), time.Now()
	s.accepted(origin{"a", signalLogs}, now)
	s.refused(origin{"a", signalLogs}, now, full)
	s.refused(origin{"a", signalLogs}, now, full)
	s.refused(origin{"b", signalLogs}, now, full)
	s.accepted(origin{"a", signalLogs}, now)
	s.accepted(origin{"a", signalLogs}, now)
	s.refused(origin{"a", signalTraces}, now, full)
	s.accepted(origin{"a", signalLogs}, now)
	s.accepted(origin{"b", signalLogs}, now)
	s.accepted(origin{"a", signalTraces}, now)
	const problem, ok = componentstatus.StatusRecoverableError, componentstatus.StatusOK
	require.Equal(t, []componentstatus.Status{problem, ok}, reported)
	s.refused(origin{"removed", signalLogs}, now, full)
	s.accepted(origin{"a", signalLogs}, now)
	s.accepted(origin{"a", signalLogs}, now.Add(refusalLifetime+1))
	require.Equal(t, []componentstatus.Status{problem, ok, problem, ok}, reported)
}

// TestRefusalsAreBounded checks that the refused origins that are remembered are limited, because
// clients choose the sources of documents without a session id, which no limit of sessions covers.
func TestRefusalsAreBounded(t *testing.T) {
	rig := newRig(t, nil)
	rig.refuse = func(string) error { return errors.New("queue is full") }
	for n := range maxRefusals + 100 {
		require.Equal(t, http.StatusServiceUnavailable, rig.post(fmt.Sprintf("/cdr?system_id=%d", n), fmt.Sprintf("<records>%d</records>", n)).Code)
	}
	require.LessOrEqual(t, len(rig.receiver.status.refusals), maxRefusals)
	rig.refuse = nil
	for n := range maxRefusals {
		require.Equal(t, http.StatusOK, rig.post(fmt.Sprintf("/cdr?system_id=%d", n), fmt.Sprintf("<records>%d</records>", n)).Code)
	}
	require.Zero(t, len(rig.receiver.status.refusals))
}

// hostFunc is a host that passes status events to a function.
type hostFunc func(*componentstatus.Event)

func (f hostFunc) Report(e *componentstatus.Event)                   { f(e) }
func (hostFunc) GetExtensions() map[component.ID]component.Component { return nil }
