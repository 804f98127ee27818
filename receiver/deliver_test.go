package cmscdrreceiver

import (
	"errors"
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

// TestRefusedChangesNothing: after a refusal the records come again as if
// nothing had been.
func TestRefusedChangesNothing(t *testing.T) {
	rig := newRig(t, nil)
	rig.refuse = func(string) error { return errors.New("queue is full") }
	for range 3 {
		require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", oneCall).Code)
	}
	require.Zero(t, rig.logs.LogRecordCount())
	require.Empty(t, printed.Metrics(rig.series()), "all that is not 0")
	require.EqualValues(t, 0, rig.receiver.openCounts.calls.Load())

	rig.refuse = nil
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	require.Equal(t, 2, rig.logs.LogRecordCount(), "the session's start and the call's")
	require.EqualValues(t, 1, rig.receiver.openCounts.calls.Load())
}

// TestRefusedForGood is acknowledged: sending again cannot help, and no other
// record would get past it.
func TestRefusedForGood(t *testing.T) {
	rig := newRig(t, nil)
	rig.refuse = func(string) error { return consumererror.NewPermanent(errors.New("bad data")) }
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	require.Equal(t, 1, rig.warnings.FilterMessageSnippet("refused items permanently").Len())
}

// TestSessionsAreIndependent: while the pipeline blocks on one session's
// document, another's is answered, and a resend of the first waits no longer
// than an answer can be given.
func TestSessionsAreIndependent(t *testing.T) {
	rig := newRig(t, nil)
	synctest.Test(t, func(t *testing.T) {
		blocked := make(chan struct{})
		release := make(chan struct{})
		first := true
		rig.refuse = func(string) error {
			if first {
				first = false
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

		began := time.Now()
		require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr", oneCall).Code)
		require.Less(t, time.Since(began), rig.receiver.config.HTTP.WriteTimeout)
		close(release)
		require.Equal(t, http.StatusOK, <-slow)
	})
}

// TestStatus: one report when the first source is refused, one when none is any
// more; a source that never comes back is forgotten.
func TestStatus(t *testing.T) {
	var reported []componentstatus.Status
	s := status{hosts: hosts{hostFunc(func(e *componentstatus.Event) { reported = append(reported, e.Status()) })}}
	full, now := errors.New("queue is full"), time.Now()
	s.accepted("a", now)
	s.refused("a", now, full)
	s.refused("a", now, full)
	s.refused("b", now, full)
	s.accepted("a", now)
	s.accepted("a", now)
	s.accepted("b", now)
	const problem, ok = componentstatus.StatusRecoverableError, componentstatus.StatusOK
	require.Equal(t, []componentstatus.Status{problem, ok}, reported)
	s.refused("gone", now, full)
	s.accepted("a", now)
	s.accepted("a", now.Add(refusalLifetime+1))
	require.Equal(t, []componentstatus.Status{problem, ok, problem, ok}, reported)
}

// hostFunc is a host that is told of statuses.
type hostFunc func(*componentstatus.Event)

func (f hostFunc) Report(e *componentstatus.Event)                   { f(e) }
func (hostFunc) GetExtensions() map[component.ID]component.Component { return nil }
