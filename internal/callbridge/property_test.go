package callbridge

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// model knows the true runs of one source and checks its history against them.
type model struct {
	t        *testing.T
	seed     uint64
	history  *History
	received map[*run]*receivedRun
	newest   *run
	// unverified is set while verdicts may be wrong because of an undecidable case,
	// one of those that the package documentation lists. undecidableAt is when the record
	// of the latest such case, or of a later wrong verdict, was received.
	unverified    bool
	undecidableAt time.Duration
	// exempt holds the runs that were not the newest when verifyAgain was last called. Perhaps
	// History never marks some of them as replaced, so Replaced is not checked for them.
	exempt map[*run]bool
	counts map[string]int
}

// receivedRun is what was received of a run.
type receivedRun struct {
	latest *delivery
	// minOffset is the lowest clock offset of the records that had a new highest
	// index; 0 if none was behind.
	minOffset time.Duration
	late      bool
}

// TestVerdictsAreTrue simulates servers that restart at random, with wrong and
// stepping clocks, over URIs that lose records or lag. The verdicts must equal those
// of a model that knows the true runs, except in the undecidable cases.
func TestVerdictsAreTrue(t *testing.T) {
	counts := map[string]int{}
	for seed := range uint64(150) {
		w := newWorld(seed)
		models := map[string]*model{}
		for _, d := range w.deliveries {
			if w.identityShared && d.run.source == "0" {
				continue // TestSharedIdentity checks it
			}
			m := models[d.run.source]
			if m == nil {
				m = &model{t: t, seed: seed, history: &History{}, received: map[*run]*receivedRun{}, exempt: map[*run]bool{}, counts: counts}
				models[d.run.source] = m
			}
			m.receive(d)
		}
	}
	t.Log(counts)
	for _, event := range []string{
		"replaces", "replaces, lost beginning", "late", "record of an older run",
		"undecidable: backlog from index 0", "undecidable: backlog and a wrong clock",
		"undecidable: lost beginning and a clock behind", "undecidable: records of an older run and a clock behind", "verified again",
	} {
		require.GreaterOrEqual(t, counts[event], 5, event)
	}
	require.Greater(t, counts["checked"], 2*counts["not checked"])
}

func (m *model) receive(d *delivery) {
	if m.seed%4 == 0 { // the receiver restarts before each record
		m.history = Restore(m.history.State())
	}
	received := epoch.Add(d.received)
	state := m.received[d.run]
	isHighest := state == nil || d.index > state.latest.index
	if state == nil {
		m.receiveFirst(d)
	} else if isHighest && d.run.number < m.newest.number {
		m.counts["record of an older run"]++
		m.noteIfOlderLooksNew(d, state)
	}
	if state := m.received[d.run]; isHighest {
		state.latest, state.minOffset = d, min(state.minOffset, d.clockOffset())
	}
	shared := m.history.Observe(d.run.session, d.index, d.recordTime, received)
	if d.run == m.newest && isHighest && m.unverified && d.received > m.undecidableAt+2*day {
		m.verifyAgain()
	}
	if m.unverified {
		m.counts["not checked"]++
		return
	}
	m.counts["checked"]++
	if shared || m.history.Shared(received) {
		m.t.Fatalf("seed %d: two servers detected at a record of %s, but there is one", m.seed, d.run.session)
	}
	for r := range m.received {
		if want := r != m.newest; !m.exempt[r] && m.history.Replaced(r.session) != want {
			m.t.Fatalf("seed %d: %s is replaced: %t, should be %t, at a record of %s", m.seed, r.session, !want, want, d.run.session)
		}
	}
}

// receiveFirst checks the verdict on the first record of a run.
func (m *model) receiveFirst(d *delivery) {
	verdict := m.history.Accept(SessionStart{Session: d.run.session, Index: d.index, Time: d.recordTime, Received: epoch.Add(d.received)})
	previous := m.newest
	late := previous != nil && d.run.number < previous.number
	m.received[d.run] = &receivedRun{latest: d, minOffset: min(0, d.clockOffset()), late: late}
	if !late {
		m.newest = d.run
	}
	switch {
	case previous == nil:
		require.Zero(m.t, verdict)
		return
	case late && d.index == 0:
		m.noteUndecidable("backlog from index 0", d)
	case late && (d.clockOffset() > time.Second || m.received[previous].latest.clockOffset() < 0):
		if !verdict.Late {
			m.noteUndecidable("backlog and a wrong clock", d)
		}
	case !late && d.index > 0 && d.clockOffset() < m.received[previous].latest.clockOffset():
		if verdict.Late {
			m.noteUndecidable("lost beginning and a clock behind", d)
		}
	}
	if m.unverified { // one wrong verdict can cause another
		if verdict.Late != late || !late && verdict.Predecessor != previous.session {
			m.undecidableAt = d.received
		}
		return
	}
	if late {
		m.counts["late"]++
		require.Equal(m.t, Verdict{Late: true}, verdict, "seed %d: %s is older than %s", m.seed, d.run.session, previous.session)
		return
	}
	m.counts["replaces"]++
	if d.index > 0 {
		m.counts["replaces, lost beginning"]++
	}
	require.Equal(m.t, previous.session, verdict.Predecessor, "seed %d: %s is newer than %s", m.seed, d.run.session, previous.session)
	if verdict.CloseNow {
		return
	}
	last := m.received[previous].latest
	require.Less(m.t, d.clockOffset(), last.clockOffset()+last.lag()+time.Second, "seed %d: neither clock nor lag explains why the replacement by %s is in doubt", m.seed, d.run.session)
}

// noteIfOlderLooksNew notes an undecidable case if a record of an older run can look as if it
// was written after the newer run began: the clock of a newer run is behind, and the clock of
// the older run is not known well or the older run is late.
func (m *model) noteIfOlderLooksNew(d *delivery, state *receivedRun) {
	newerMinOffset := m.received[m.newest].minOffset
	for r, newer := range m.received {
		if r.number > d.run.number {
			newerMinOffset = min(newerMinOffset, newer.minOffset)
		}
	}
	newerIsBehind := d.clockOffset()-newerMinOffset > minute
	clockUnknown := d.clockOffset()-state.latest.clockOffset()+state.latest.lag() > minute
	if newerIsBehind && (clockUnknown || state.late) {
		m.noteUndecidable("records of an older run and a clock behind", d)
	}
}

func (m *model) noteUndecidable(reason string, d *delivery) {
	m.counts["undecidable: "+reason]++
	m.undecidableAt, m.unverified = d.received, true
}

// verifyAgain ends the effect of an undecidable case: from now on all verdicts are
// checked, except whether the older runs received so far are replaced.
func (m *model) verifyAgain() {
	m.counts["verified again"]++
	m.unverified = false
	for r := range m.received {
		m.exempt[r] = r != m.newest
	}
}
