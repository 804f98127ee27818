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
		if w := newWorld(seed); w.pair {
			m := pair{t: t, seed: seed, right: w.right, last: map[int]*receipt{}, began: map[*run]time.Duration{}, counts: counts}
			for _, r := range w.receipts {
				if r.of.name == "0" {
					m.hear(r)
				}
			}
		}
	}
	t.Log(counts)
	for _, kind := range []string{"shared", "not shared", "no restart", "a restart again"} {
		require.GreaterOrEqual(t, counts[kind], 50, kind)
	}
}

// pair is the model of an identity that two servers share.
type pair struct {
	t       *testing.T
	seed    uint64
	right   bool
	history History
	// last is the latest record of each server, and turn when they last posted in
	// turn.
	last   map[int]*receipt
	turn   time.Duration
	began  map[*run]time.Duration
	counts map[string]int
}

func (m *pair) hear(r *receipt) {
	received := epoch.Add(r.received)
	if _, known := m.began[r.of]; !known {
		m.begin(r)
	}
	mine, other := m.last[r.of.server], m.last[1-r.of.server]
	m.last[r.of.server] = r
	m.history.Observe(r.of.id, r.index, r.recordTime, received)
	if other != nil && mine != nil && other.received > mine.received {
		m.turn = r.received
		settled := max(m.began[r.of], m.began[other.of]) + 2*minute
		if m.right && mine.of == r.of && other.made > settled && r.made > settled {
			m.counts["shared"]++
			require.True(m.t, m.history.Shared(received), "seed %d: two servers take turns, at %s", m.seed, r.of.id)
		}
	}
	// A clock that is behind can show the last turn as much as a day late.
	if silent := r.received - m.turn; silent >= 2*day || m.right && silent >= day {
		m.counts["not shared"]++
		require.False(m.t, m.history.Shared(received), "seed %d: one server is left, at %s", m.seed, r.of.id)
	}
}

// begin checks the first record of a run: no restart is detected while two servers
// share the identity, and every restart when one is left.
func (m *pair) begin(r *receipt) {
	received := epoch.Add(r.received)
	shared := m.history.Shared(received)
	v := m.history.Accept(SessionStart{Session: r.of.id, Index: r.index, Time: r.recordTime, Received: received})
	m.began[r.of] = r.received
	switch before := m.last[r.of.server]; {
	case shared:
		m.counts["no restart"]++
		require.Zero(m.t, v, "seed %d: %s", m.seed, r.of.id)
	case m.turn > 0 && r.index == 0 && before != nil:
		m.counts["a restart again"]++
		require.NotEmpty(m.t, v.Predecessor, "seed %d: %s", m.seed, r.of.id)
		if other := m.last[1-r.of.server]; m.right && (other == nil || other.received < before.received) {
			require.Equal(m.t, before.of.id, v.Predecessor, "seed %d: %s", m.seed, r.of.id)
		}
	}
}
