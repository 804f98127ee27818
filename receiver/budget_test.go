package cmscdrreceiver

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// openLegsDocument returns a document that opens the given number of legs in the session,
// with indices from the given one.
func openLegsDocument(session string, from, legs int) string {
	var body strings.Builder
	fmt.Fprintf(&body, `<records session="%s">`, session)
	for n := from; n < from+legs; n++ {
		fmt.Fprintf(&body, `<record type="callLegStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><callLeg id="%s %d">`+
			`<displayName>%s</displayName></callLeg></record>`, n, session, n, strings.Repeat("x", 1000))
	}
	return body.String() + `</records>`
}

// openLegsBySession returns the number of open legs of each session.
func (r *rig) openLegsBySession() map[string]int {
	counts := map[string]int{}
	for _, session := range r.receiver.sessions.all() {
		counts[session.id] = session.state.LegCount()
	}
	return counts
}

// TestLeastSeniorSessionLosesEntities checks that above the budget only the least senior session
// loses entities, although more senior sessions send records too.
func TestLeastSeniorSessionLosesEntities(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Memory.Open = 2 << 20 })
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", openLegsDocument("honest", 0, 200)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=second", openLegsDocument("second", 0, 200)).Code)
	for n := range 10 {
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=stranger", openLegsDocument("stranger", 500*n, 500)).Code)
		require.LessOrEqual(t, rig.receiver.sessions.usedBytes.Load(), rig.receiver.sessions.budget)
	}
	require.Equal(t, 200, rig.openLegsBySession()["honest"])
	require.Equal(t, 200, rig.openLegsBySession()["second"])
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", openLegsDocument("honest", 200, 500)).Code)
	require.Equal(t, 700, rig.openLegsBySession()["honest"])
	require.Equal(t, 200, rig.openLegsBySession()["second"])
	require.Less(t, rig.openLegsBySession()["stranger"], 100)
	_, incomplete := rig.countSpans()
	require.Equal(t, map[string]map[string]int{"evicted": {"call_leg": 5000 - rig.openLegsBySession()["stranger"]}}, incomplete)
}

// TestOnlySessionIsKept checks that the only session is not evicted although it alone uses more
// than the budget.
func TestOnlySessionIsKept(t *testing.T) {
	rig := newRig(t, nil)
	rig.receiver.sessions.budget = 1
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
	require.Zero(t, rig.onlySession().state.OpenCount())
}

// TestLeastSenior checks that the session with the highest seniority number is evicted first.
// If two sessions have that number, because one inherited it from the other, the one that was
// silent for longer is evicted first.
func TestLeastSenior(t *testing.T) {
	sessions := newSessions(correlate.Limits{}, 1)
	for n := range 20 {
		id := fmt.Sprint(n)
		sessions.byID[id] = &session{id: id, seniority: uint64(n / 2), lastReceived: time.Unix(int64(100-n), 0)}
	}
	require.Equal(t, "19", sessions.leastSenior().id)
}

// TestBudgetIsEnforcedInTime checks that a document whose entities exceed the budget is answered in
// time although the pipeline is slow, and that the scan closes the rest.
func TestBudgetIsEnforcedInTime(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Memory.Open = 1 << 20 })
	synctest.Test(t, func(t *testing.T) {
		newFakePipelines(rig, func(string, []string, int) error {
			time.Sleep(2 * time.Second)
			return nil
		})
		start := time.Now()
		require.Equal(t, http.StatusOK, rig.post("/cdr", openLegsDocument("s", 0, 1500)).Code)
		require.Less(t, time.Since(start), rig.receiver.config.HTTP.WriteTimeout*9/10)
		require.Greater(t, rig.receiver.sessions.usedBytes.Load(), rig.receiver.sessions.budget)
		rig.receiver.scan(t.Context())
	})
	require.LessOrEqual(t, rig.receiver.sessions.usedBytes.Load(), rig.receiver.sessions.budget)
	require.Positive(t, rig.openLegsBySession()["s"])
	require.Zero(t, rig.warnings.Len())
}

// TestBudgetWaitsForNoSession checks that a document is answered at once while the session that
// must lose entities is in use, that the log has no error then, and that the document that uses
// the session closes its entities at its end.
func TestBudgetWaitsForNoSession(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Memory.Open = 1 << 20 })
	var waited time.Duration
	synctest.Test(t, func(t *testing.T) {
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", openLegsDocument("honest", 0, 1)).Code)
		release := make(chan struct{})
		newFakePipelines(rig, func(signal string, ids []string, _ int) error {
			if signal == signalLogs && slices.Contains(ids, "stranger/1400") {
				<-release
			}
			return nil
		})
		answer := make(chan int)
		go func() { answer <- rig.post("/cdr?system_id=stranger", openLegsDocument("stranger", 0, 1500)).Code }()
		synctest.Wait()
		require.Greater(t, rig.receiver.sessions.usedBytes.Load(), rig.receiver.sessions.budget)
		start := time.Now()
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", openLegsDocument("honest", 1, 1)).Code)
		waited = time.Since(start)
		close(release)
		require.Equal(t, http.StatusOK, <-answer)
	})
	require.Zero(t, waited)
	require.LessOrEqual(t, rig.receiver.sessions.usedBytes.Load(), rig.receiver.sessions.budget)
	require.Zero(t, rig.warnings.Len())
}

// TestBudgetOfBusySession checks that the entities of a session are closed above the budget, and
// that none of its documents is refused, although another document always waits for the session.
func TestBudgetOfBusySession(t *testing.T) {
	const connections, documents, legs = 3, 50, 20
	rig := newRig(t, func(cfg *Config) { cfg.Memory.Open = 1 << 20 })
	var accepted atomic.Int32
	synctest.Test(t, func(t *testing.T) {
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=other", openLegsDocument("other", 0, 1)).Code)
		newFakePipelines(rig, func(string, []string, int) error {
			time.Sleep(10 * time.Millisecond)
			return nil
		})
		for connection := range connections {
			go func() {
				for n := range documents {
					if rig.post("/cdr?system_id=busy", openLegsDocument("busy", connection*documents*legs+n*legs, legs)).Code == http.StatusOK {
						accepted.Add(1)
					}
				}
			}()
		}
		time.Sleep(10 * time.Minute)
	})
	require.EqualValues(t, connections*documents, accepted.Load())
}

// TestManySessionsAreEvictedInTime checks that a document is answered in time if many sessions
// without open entities must be evicted and the storage is slow, and that the scan evicts the rest.
func TestManySessionsAreEvictedInTime(t *testing.T) {
	disk := newDisk()
	rig := newRigOn(t, disk)
	const sessions = 50
	for n := range sessions {
		require.Equal(t, http.StatusOK, rig.post("/cdr", strings.Replace(oneCallEnded, "5e550000", fmt.Sprintf("5e55%04d", n), 1)).Code)
	}
	rig.receiver.sessions.budget = sessionBytes
	synctest.Test(t, func(t *testing.T) {
		disk.fail = func(int) (bool, error) {
			time.Sleep(2 * time.Second)
			return true, nil
		}
		start := time.Now()
		require.Equal(t, http.StatusOK, rig.post("/cdr", oneCallEnded).Code)
		require.Less(t, time.Since(start), rig.receiver.config.HTTP.WriteTimeout*9/10)
		require.Greater(t, rig.receiver.sessions.count(), sessions/2)
		rig.receiver.scan(t.Context())
	})
	require.Equal(t, 1, rig.receiver.sessions.count())
}

// TestPredecessorIsClosedInTime checks that the first document after a restart is answered in
// time although the pipeline is slow and the predecessor has many open legs, and that resends
// continue the closing.
func TestPredecessorIsClosedInTime(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=cms1", openLegsDocument("before", 0, 8000)).Code)
	synctest.Test(t, func(t *testing.T) {
		newFakePipelines(rig, func(string, []string, int) error {
			time.Sleep(3 * time.Second)
			return nil
		})
		for unfinished := 0; ; unfinished++ {
			start := time.Now()
			answer := rig.post("/cdr?system_id=cms1", oneCall)
			require.Less(t, time.Since(start), rig.receiver.config.HTTP.WriteTimeout*9/10)
			if answer.Code == http.StatusOK {
				break
			}
			require.Equal(t, answerUnfinished.text+"\n", answer.Body.String())
			require.Less(t, unfinished, 10)
		}
	})
	require.Zero(t, rig.openLegsBySession()["before"])
	require.Equal(t, 8000, rig.traces.SpanCount())
}

// TestOldestEntitiesAreClosedFirst checks that a single session that exceeds the budget keeps
// its newest entities.
func TestOldestEntitiesAreClosedFirst(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Memory.Open = 1 << 20 })
	for n := range 10 {
		require.Equal(t, http.StatusOK, rig.post("/cdr", openLegsDocument("s", 200*n, 200)).Code)
	}
	open := rig.openLegsBySession()["s"]
	require.Greater(t, open, 300)
	for entity := range rig.onlySession().state.Open() {
		var index int
		_, err := fmt.Sscanf(entity.(*correlate.Leg).ID, "s %d", &index)
		require.NoError(t, err)
		require.GreaterOrEqual(t, index, 2000-open)
	}
}

// TestSeniorityIsInherited checks that a session inherits the seniority of its
// predecessor, so that a Call Bridge that restarts is not evicted first.
func TestSeniorityIsInherited(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Memory.Open = 2 << 20 })
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", openLegsDocument("before", 0, 1)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=stranger", openLegsDocument("stranger", 0, 400)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", openLegsDocument("after", 0, 400)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", openLegsDocument("after", 400, 600)).Code)
	require.Equal(t, 1000, rig.openLegsBySession()["after"])
	require.Less(t, rig.openLegsBySession()["stranger"], 400)
}

// TestLeastSeniorSessionsAreRefused checks that, while the pipelines refuse the spans
// of entities closed early, the least senior sessions are answered 503 above 125 % of the
// budget and more senior ones are not.
func TestLeastSeniorSessionsAreRefused(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Memory.Open = 2 << 20 })
	rig.refuse = func(signal string) error {
		if signal == signalTraces {
			return errors.New("queue is full")
		}
		return nil
	}
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", openLegsDocument("honest", 0, 200)).Code)
	status, n := http.StatusOK, 0
	for ; status == http.StatusOK && n < 20; n++ {
		status = rig.post("/cdr?system_id=stranger", openLegsDocument("stranger", 500*n, 500)).Code
	}
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr?system_id=other", openLegsDocument("other", 0, 1)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", openLegsDocument("honest", 200, 200)).Code)
	rig.refuse = nil
	rig.receiver.scan(t.Context())
	require.Equal(t, 400, rig.openLegsBySession()["honest"])
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=other", openLegsDocument("other", 0, 1)).Code)
}

// TestDocumentsWithoutARecord checks that documents without a readable record create no
// session, source or series, and evict no session.
func TestDocumentsWithoutARecord(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", oneCall).Code)
	for n := range 2 * maxSessions {
		content := []string{"", "<record/>", "stray", "</records>"}[n%4]
		require.Equal(t, http.StatusOK, rig.post(fmt.Sprintf("/cdr?system_id=stranger%d", n), fmt.Sprintf(`<records session="stranger %d">%s</records>`, n, content)).Code)
	}
	require.Equal(t, 1, rig.receiver.sessions.count())
	require.EqualValues(t, 1, rig.receiver.openCounts.calls.Load())
	require.Equal(t, map[string]int{"honest": 1}, rig.bySource("cisco.cms.call.active"))
	target, document := callOn(1)
	require.Equal(t, http.StatusOK, rig.post(target, document).Code)
	require.Equal(t, map[string]int{"honest": 1, "cms1": 1}, rig.bySource("cisco.cms.call.active"))
}

// TestLargestBudget checks that a memory::open of 7 EiB refuses nothing, although 125 % of it is
// more than an int64 can hold.
func TestLargestBudget(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Memory.Open = 7 << 60 })
	require.Equal(t, http.StatusOK, rig.post("/cdr", oneCall).Code)
}

// TestNewSessionWhileTheBudgetWaits checks that a session loses no entities for a less senior one
// that is admitted while a document waits for the session to close its entities.
func TestNewSessionWhileTheBudgetWaits(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Memory.Open = 1 << 20 })
	synctest.Test(t, func(t *testing.T) {
		proceed := make(chan struct{})
		newFakePipelines(rig, func(signal string, ids []string, _ int) error {
			if signal == signalLogs && (slices.Contains(ids, "honest/600") || slices.Contains(ids, "honest/601")) {
				<-proceed
			}
			return nil
		})
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", openLegsDocument("honest", 0, 400)).Code)
		answers := make(chan int)
		post := func(from, legs int) {
			go func() { answers <- rig.post("/cdr?system_id=honest", openLegsDocument("honest", from, legs)).Code }()
			synctest.Wait()
		}
		rig.receiver.sessions.budget = rig.receiver.sessions.usedBytes.Load()
		post(600, 1)          // above the budget when it is committed
		post(601, 1)          // waits for the session
		proceed <- struct{}{} // then the first document waits for the session, to close its entities
		synctest.Wait()
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=stranger", openLegsDocument("stranger", 0, 450)).Code)
		close(proceed)
		require.Equal(t, http.StatusOK, <-answers)
		require.Equal(t, http.StatusOK, <-answers)
	})
	require.Equal(t, 402-shrinkStep, rig.openLegsBySession()["honest"], "it exceeds the budget by itself, but by less than this")
}
