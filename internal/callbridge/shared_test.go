package callbridge

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSharedIdentity simulates two servers that share an identity and later use
// different ones.
func TestSharedIdentity(t *testing.T) {
	counts := map[string]int{}
	for seed := range uint64(400) {
		if w := newWorld(seed); w.identityShared {
			m := sharedModel{t: t, seed: seed, accurateClocks: w.accurateClocks, latest: map[int]*delivery{}, firstReceived: map[*run]time.Duration{}, counts: counts}
			for _, d := range w.deliveries {
				if d.run.source == "0" {
					m.receive(d)
				}
			}
		}
	}
	t.Log(counts)
	for _, check := range []string{"shared", "not shared", "restart while shared", "restart after sharing"} {
		require.GreaterOrEqual(t, counts[check], 50, check)
	}
}

// sharedModel checks the history of an identity that two servers share.
type sharedModel struct {
	t              *testing.T
	seed           uint64
	accurateClocks bool
	history        History
	// latest is the latest delivery of each server.
	latest map[int]*delivery
	// lastTurn is when the servers last posted in turn.
	lastTurn time.Duration
	// firstReceived is when the first record of each run was received.
	firstReceived map[*run]time.Duration
	counts        map[string]int
}

func (m *sharedModel) receive(d *delivery) {
	received := epoch.Add(d.received)
	if _, started := m.firstReceived[d.run]; !started {
		m.receiveFirst(d)
	}
	previous, other := m.latest[d.run.server], m.latest[1-d.run.server]
	m.latest[d.run.server] = d
	m.history.Observe(d.run.session, d.index, d.recordTime, received)
	if other != nil && previous != nil && other.received > previous.received {
		m.lastTurn = d.received
		detectableAfter := max(m.firstReceived[d.run], m.firstReceived[other.run]) + 2*minute
		if m.accurateClocks && previous.run == d.run && other.written > detectableAfter && d.written > detectableAfter {
			m.counts["shared"]++
			require.True(m.t, m.history.Shared(received), "seed %d: two servers post in turn and are not detected, at %s", m.seed, d.run.session)
		}
	}
	// If a clock is behind or steps back, the last turn can be detected up to a day late.
	if sinceTurn := d.received - m.lastTurn; sinceTurn >= 2*day || m.accurateClocks && sinceTurn >= day {
		m.counts["not shared"]++
		require.False(m.t, m.history.Shared(received), "seed %d: one server is left, but two are detected, at %s", m.seed, d.run.session)
	}
}

// receiveFirst checks the verdict on the first received record of a run. While sharing is
// detected, the run replaces no session. After two servers posted in turn, and while no
// sharing is detected, a run replaces a session if this record has index 0 and an earlier
// record of its server was received. With accurate clocks that session is the server's
// previous one, if the other server posted nothing after it.
func (m *sharedModel) receiveFirst(d *delivery) {
	received := epoch.Add(d.received)
	shared := m.history.Shared(received)
	verdict := m.history.Accept(SessionStart{Session: d.run.session, Index: d.index, Time: d.recordTime, Received: received})
	m.firstReceived[d.run] = d.received
	switch previous := m.latest[d.run.server]; {
	case shared:
		m.counts["restart while shared"]++
		require.Zero(m.t, verdict, "seed %d: %s", m.seed, d.run.session)
	case m.lastTurn > 0 && d.index == 0 && previous != nil:
		m.counts["restart after sharing"]++
		require.NotEmpty(m.t, verdict.Predecessor, "seed %d: %s", m.seed, d.run.session)
		if other := m.latest[1-d.run.server]; m.accurateClocks && (other == nil || other.received < previous.received) {
			require.Equal(m.t, previous.run.session, verdict.Predecessor, "seed %d: %s", m.seed, d.run.session)
		}
	}
}
