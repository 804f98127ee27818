package cmscdrreceiver

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// opened is a document of a session that opens so many legs, from an index on.
func opened(session string, from, legs int) string {
	var body strings.Builder
	fmt.Fprintf(&body, `<records session="%s">`, session)
	for n := from; n < from+legs; n++ {
		fmt.Fprintf(&body, `<record type="callLegStart" time="2026-03-02T08:00:00Z" correlatorIndex="%d"><callLeg id="%s %d">`+
			`<displayName>%s</displayName></callLeg></record>`, n, session, n, strings.Repeat("x", 1000))
	}
	return body.String() + `</records>`
}

// legsOf are the open legs by session.
func (g *rig) legsOf() map[string]int {
	all := map[string]int{}
	for _, session := range g.receiver.sessions.all() {
		all[session.id] = session.state.LegCount()
	}
	return all
}

// TestFirstComeIsKept: beyond the budget the session that was first heard of last gives
// way; those before it lose nothing, whatever it sends.
func TestFirstComeIsKept(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Memory.Open = 2 << 20 })
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", opened("honest", 0, 200)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=second", opened("second", 0, 200)).Code)
	for n := range 10 {
		require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=stranger", opened("stranger", 500*n, 500)).Code)
		require.LessOrEqual(t, rig.receiver.sessions.usedBytes.Load(), rig.receiver.sessions.budget)
	}
	require.Equal(t, 200, rig.legsOf()["honest"])
	require.Equal(t, 200, rig.legsOf()["second"])
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", opened("honest", 200, 500)).Code)
	require.Equal(t, 700, rig.legsOf()["honest"])
	require.Equal(t, 200, rig.legsOf()["second"])
	require.Less(t, rig.legsOf()["stranger"], 100)
	_, incomplete := rig.spans()
	require.Equal(t, map[string]map[string]int{"evicted": {"call_leg": 5000 - rig.legsOf()["stranger"]}}, incomplete)
}

// TestOldestGoFirst: one session that is beyond the budget alone keeps what is new.
func TestOldestGoFirst(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Memory.Open = 1 << 20 })
	for n := range 10 {
		require.Equal(t, http.StatusOK, rig.post("/cdr", opened("s", 200*n, 200)).Code)
	}
	left := rig.legsOf()["s"]
	require.Greater(t, left, 300)
	for thing := range rig.receiver.sessions.all()[0].state.Open() {
		var index int
		_, err := fmt.Sscanf(thing.(*correlate.Leg).ID, "s %d", &index)
		require.NoError(t, err)
		require.GreaterOrEqual(t, index, 2000-left)
	}
}

// TestPlaceIsInherited: a session that follows another has its place: a Call Bridge that
// restarts is not the one that came last.
func TestPlaceIsInherited(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Memory.Open = 2 << 20 })
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", opened("before", 0, 1)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=stranger", opened("stranger", 0, 400)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", opened("behind", 0, 400)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", opened("behind", 400, 600)).Code)
	require.Equal(t, 1000, rig.legsOf()["behind"])
	require.Less(t, rig.legsOf()["stranger"], 400)
}

// TestJuniorsWait: while what must be closed is refused, the sessions that came last are
// answered 503 past the budget and a quarter, and those before them are not.
func TestJuniorsWait(t *testing.T) {
	rig := newRig(t, func(cfg *Config) { cfg.Memory.Open = 2 << 20 })
	rig.refuse = func(signal string) error {
		if signal == signalTraces {
			return errors.New("queue is full")
		}
		return nil
	}
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", opened("honest", 0, 200)).Code)
	answer, n := http.StatusOK, 0
	for ; answer == http.StatusOK && n < 20; n++ {
		answer = rig.post("/cdr?system_id=stranger", opened("stranger", 500*n, 500)).Code
	}
	require.Equal(t, http.StatusServiceUnavailable, answer)
	require.Equal(t, http.StatusServiceUnavailable, rig.post("/cdr?system_id=other", opened("other", 0, 1)).Code)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", opened("honest", 200, 200)).Code)
	rig.refuse = nil
	rig.receiver.scan(t.Context())
	require.Equal(t, 400, rig.legsOf()["honest"])
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=other", opened("other", 0, 1)).Code)
}

// TestNothingWithoutARecord: documents without one good record leave no session, no
// source and no series, and evict nobody.
func TestNothingWithoutARecord(t *testing.T) {
	rig := newRig(t, nil)
	require.Equal(t, http.StatusOK, rig.post("/cdr?system_id=honest", oneCall).Code)
	for n := range 2 * maxSessions {
		inside := []string{"", "<record/>", "stray", "</records>"}[n%4]
		require.Equal(t, http.StatusOK, rig.post(fmt.Sprintf("/cdr?system_id=stranger%d", n), fmt.Sprintf(`<records session="stranger %d">%s</records>`, n, inside)).Code)
	}
	require.Equal(t, 1, rig.receiver.sessions.count())
	require.EqualValues(t, 1, rig.receiver.openCounts.calls.Load())
	require.Equal(t, map[string]int{"honest": 1}, rig.bySource("cisco.cms.call.active"))
	target, document := inSession(1)
	require.Equal(t, http.StatusOK, rig.post(target, document).Code)
	require.Equal(t, map[string]int{"honest": 1, "cms1": 1}, rig.bySource("cisco.cms.call.active"))
}
