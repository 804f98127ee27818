package cmscdrreceiver

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/callbridge"
)

// TestClosedOnce checks that the second of two calls of closeEvicted for a session changes
// nothing, as when a scan and a document both close it: its source keeps the series that
// other sessions use, and a new session of the same id stays in the storage.
func TestClosedOnce(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", openLegsDocument("one", 0, 1)).Code)
	evicted := rig.onlySession()
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", openLegsDocument("two", 0, 1)).Code)
	rig.receiver.sessions.evictIfPresent(evicted)
	require.NoError(t, rig.receiver.closeEvicted(t.Context(), evicted))
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", openLegsDocument("one", 1, 1)).Code)
	require.NoError(t, rig.receiver.closeEvicted(t.Context(), evicted))
	require.Equal(t, 2, rig.receiver.sessions.sourceRefs["cms1"])
	require.Equal(t, 2, newRigOn(t, disk).receiver.sessions.count())
}

// TestEvictedDuringDelivery checks that a session that is evicted while its first document is
// delivered leaves nothing in the history of its source.
func TestEvictedDuringDelivery(t *testing.T) {
	rig := newRig(t, nil)
	var evicted *session
	rig.refuse = func(string) error {
		if evicted == nil {
			evicted = rig.onlySession()
			rig.receiver.sessions.evictIfPresent(evicted)
		}
		return nil
	}
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", openLegsDocument("one", 0, 1)).Code)
	require.NotNil(t, evicted)
	require.Empty(t, rig.receiver.sessions.histories)
	require.NoError(t, rig.receiver.closeEvicted(t.Context(), evicted))
	require.Empty(t, rig.receiver.sessions.sourceRefs)
	require.Zero(t, rig.receiver.sessions.usedBytes.Load())
}

// TestEvictedWhileADocumentWaits checks that a document that waits for the lock of its session
// is refused if the session is evicted meanwhile, and that it leaves nothing in that session.
func TestEvictedWhileADocumentWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRig(t, nil)
		require.Equal(t, http.StatusOK, rig.post("/cdr", openLegsDocument("one", 0, 1)).Code)
		evicted := rig.onlySession()
		require.NoError(t, evicted.acquire(t.Context()))
		answers := make(chan int)
		go func() { answers <- rig.post("/cdr", openLegsDocument("one", 1, 1)).Code }()
		synctest.Wait()
		rig.receiver.sessions.evictIfPresent(evicted)
		evicted.release()
		require.Equal(t, http.StatusServiceUnavailable, <-answers)
		require.Equal(t, 1, evicted.state.OpenCount())
	})
}

// TestEvictedBeforeAdmission checks that a session is not admitted while an evicted session
// has its id, even if the eviction happens after the document looked for its session.
func TestEvictedBeforeAdmission(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr", openLegsDocument("one", 0, 1)).Code)
	rig.receiver.sessions.evictIfPresent(rig.onlySession())
	_, err := rig.receiver.sessions.admit(callbridge.SessionStart{Session: "one"}, "192.0.2.1")
	require.ErrorIs(t, err, errEvicting)
}
