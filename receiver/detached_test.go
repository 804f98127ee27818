package cmscdrreceiver

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/cmscdr/cmscdrreceiver/internal/metadata"
)

// oneCallEnded is a document with the start and the end of a call, so that logs and
// traces have items.
var oneCallEnded = strings.Replace(oneCall, "</records>", `<record type="callEnd" time="2026-03-02T08:01:00Z" correlatorIndex="1">`+
	`<call id="ca110000-0000-4000-8000-000000000001"/></record></records>`, 1)

// TestClientDisconnects checks that a document is delivered and saved even if its
// client disconnects, and that a resend is recognised as a duplicate.
func TestClientDisconnects(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	ctx, disconnect := context.WithCancel(t.Context())
	rig.receiver.nextLogs = logsFunc(func(ctx context.Context, logs plog.Logs) error {
		disconnect()
		if err := ctx.Err(); err != nil {
			return err // as an exporter does
		}
		return rig.logs.ConsumeLogs(ctx, logs)
	})
	rig.receiver.nextTraces = tracesFunc(func(ctx context.Context, traces ptrace.Traces) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return rig.traces.ConsumeTraces(ctx, traces)
	})
	answer := rig.do(httptest.NewRequest(http.MethodPost, "/cdr", strings.NewReader(oneCallEnded)).WithContext(ctx))
	require.Error(t, ctx.Err(), "the client must have disconnected")
	require.Equal(t, http.StatusOK, answer.Code, "the document must be counted as accepted, although no client reads the answer")
	for range 2 {
		require.Equal(t, 3, rig.logs.LogRecordCount())
		require.Equal(t, 1, rig.traces.SpanCount())
		require.Equal(t, 1, disk.writes)
		require.Equal(t, http.StatusOK, rig.post("/cdr", oneCallEnded).Code)
	}
}

// TestSaveHasItsOwnTimeout checks that a document is saved and acknowledged even if
// the pipelines used all the time for the delivery. After a 503 Meeting Server would send
// the whole document again.
func TestSaveHasItsOwnTimeout(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	synctest.Test(t, func(t *testing.T) {
		rig.receiver.nextLogs = logsFunc(func(ctx context.Context, logs plog.Logs) error {
			<-ctx.Done()
			return rig.logs.ConsumeLogs(ctx, logs)
		})
		start := time.Now()
		require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
		require.NotZero(t, time.Since(start))
		require.Less(t, time.Since(start), rig.receiver.config.HTTP.WriteTimeout)
	})
	require.Equal(t, 1, disk.writes)
	require.Equal(t, 2, rig.logs.LogRecordCount())
}

// TestShutdownWaitsForDeliveries checks that Shutdown waits for deliveries in
// progress even if its context is done and the server does not wait for its handlers.
// The pipelines stop after Shutdown, and later deliveries would be lost.
func TestShutdownWaitsForDeliveries(t *testing.T) {
	delivering, returned := make(chan struct{}), make(chan struct{})
	cfg := createDefaultConfig().(*Config)
	cfg.HTTP.NetAddr.Endpoint = freeAddress(t)
	returnedEarly := make(chan bool, 1)
	logsReceiver, err := NewFactory().CreateLogs(t.Context(), receivertest.NewNopSettings(metadata.Type), cfg, logsFunc(func(context.Context, plog.Logs) error {
		close(delivering)
		select {
		case <-returned:
			returnedEarly <- true
		case <-time.After(time.Second): // a Shutdown that does not wait returns earlier
			returnedEarly <- false
		}
		return nil
	}))
	require.NoError(t, err)
	require.NoError(t, logsReceiver.Start(t.Context(), componenttest.NewNopHost()))
	posted := make(chan struct{})
	go func() {
		defer close(posted)
		// Post returns an error, because Shutdown closes the connection before the answer.
		if answer, err := http.Post("http://"+cfg.HTTP.NetAddr.Endpoint+cfg.Path, "text/xml", strings.NewReader(oneCall)); err == nil {
			_ = answer.Body.Close()
		}
	}()
	<-delivering
	done, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, logsReceiver.Shutdown(done), context.Canceled)
	close(returned)
	require.False(t, <-returnedEarly, "Shutdown must wait for the delivery")
	<-posted
}
