package callbridge

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// model knows the true events of one source and checks its history.
type model struct {
	t       *testing.T
	seed    uint64
	history *History
	heard   map[*run]*seen
	newest  *run
	// listed is when an event of the package documentation's list of unknowable cases
	// happened, and until when the verdicts may be wrong.
	listed time.Duration
	doubt  bool
	// old are the sessions from before that time, which may stay open.
	old    map[*run]bool
	counts map[string]int
}

// seen is what was received of a run.
type seen struct {
	last *receipt
	// behind is how far the clock was behind the true time, at most.
	behind time.Duration
	began  *receipt
	late   bool
}

// TestVerdictsAreTrue simulates servers that restart at random, with wrong and
// stepping clocks, over URIs that lose records or lag. The verdicts must equal those
// of a model that knows the true events, except in the unknowable cases.
func TestVerdictsAreTrue(t *testing.T) {
	counts := map[string]int{}
	for seed := range uint64(150) {
		w := newWorld(seed)
		models := map[string]*model{}
		for _, r := range w.receipts {
			if w.pair && r.of.name == "0" {
				continue // TestSharedIdentity
			}
			m := models[r.of.name]
			if m == nil {
				m = &model{t: t, seed: seed, history: &History{}, heard: map[*run]*seen{}, old: map[*run]bool{}, counts: counts}
				models[r.of.name] = m
			}
			m.hear(r)
		}
	}
	t.Log(counts)
	for _, kind := range []string{
		"follows", "follows, lost beginning", "late", "late record of an older run",
		"listed: backlog from its beginning", "listed: backlog of a wrong clock",
		"listed: lost beginning and a clock behind", "listed: late records and a clock behind", "right again",
	} {
		require.GreaterOrEqual(t, counts[kind], 5, kind)
	}
	require.Greater(t, counts["checked"], 2*counts["not checked"])
}

func (m *model) hear(r *receipt) {
	if m.seed%4 == 0 { // the receiver restarts all the time
		m.history = Restore(m.history.State())
	}
	at, received := r.recordTime, epoch.Add(r.received)
	known := m.heard[r.of]
	rising := known == nil || r.index > known.last.index
	if known == nil {
		m.begin(r)
	} else if rising && r.of.number < m.newest.number {
		m.counts["late record of an older run"]++
		m.lateRecord(r, known)
	}
	if known := m.heard[r.of]; rising {
		known.last, known.behind = r, min(known.behind, r.ahead())
	}
	shared := m.history.Observe(r.of.id, r.index, at, received)
	if r.of == m.newest && rising && m.doubt && r.received > m.listed+2*day {
		m.rightAgain()
	}
	if m.doubt {
		m.counts["not checked"]++
		return
	}
	m.counts["checked"]++
	if shared || m.history.Shared(received) {
		m.t.Fatalf("seed %d: there is one server, at %s", m.seed, r.of.id)
	}
	for one := range m.heard {
		if want := one != m.newest; !m.old[one] && m.history.Replaced(one.id) != want {
			m.t.Fatalf("seed %d: %s is replaced: %t, should be %t, at a record of %s", m.seed, one.id, !want, want, r.of.id)
		}
	}
}

// begin checks the first record of a run.
func (m *model) begin(r *receipt) {
	b := SessionStart{Session: r.of.id, Index: r.index, Time: r.recordTime, Received: epoch.Add(r.received)}
	v := m.history.Accept(b)
	before := m.newest
	late := before != nil && r.of.number < before.number
	m.heard[r.of] = &seen{last: r, began: r, behind: min(0, r.ahead()), late: late}
	if !late {
		m.newest = r.of
	}
	switch {
	case before == nil:
		require.Zero(m.t, v)
		return
	case late && r.index == 0:
		m.cannotKnow("backlog from its beginning", r)
	case late && (r.ahead() > time.Second || m.heard[before].last.ahead() < 0):
		if !v.Late {
			m.cannotKnow("backlog of a wrong clock", r)
		}
	case !late && r.index > 0 && r.ahead() < m.heard[before].last.ahead():
		if v.Late {
			m.cannotKnow("lost beginning and a clock behind", r)
		}
	}
	if m.doubt { // a wrong verdict can follow from another
		if v.Late != late || !late && v.Predecessor != before.id {
			m.listed = r.received
		}
		return
	}
	if late {
		m.counts["late"]++
		require.Equal(m.t, Verdict{Late: true}, v, "seed %d: %s is older than %s", m.seed, r.of.id, before.id)
		return
	}
	m.counts["follows"]++
	if r.index > 0 {
		m.counts["follows, lost beginning"]++
	}
	require.Equal(m.t, before.id, v.Predecessor, "seed %d: %s is newer than %s", m.seed, r.of.id, before.id)
	if v.CloseNow {
		return
	}
	last := m.heard[before].last
	require.Less(m.t, r.ahead(), last.ahead()+last.lag()+time.Second, "seed %d: no clock makes %s doubtful", m.seed, r.of.id)
}

// lateRecord checks a record of an ended run. The record looks new if the clock of
// the newer run is behind and the older clock is not known.
func (m *model) lateRecord(r *receipt, of *seen) {
	newerBehind := m.heard[m.newest].behind
	for one, seen := range m.heard {
		if one.number > r.of.number {
			newerBehind = min(newerBehind, seen.behind)
		}
	}
	behind := r.ahead()-newerBehind > minute
	unseen := r.ahead()-of.last.ahead()+of.last.lag() > minute
	if behind && (unseen || of.late) {
		m.cannotKnow("late records and a clock behind", r)
	}
}

func (m *model) cannotKnow(what string, r *receipt) {
	m.counts["listed: "+what]++
	m.listed, m.doubt = r.received, true
}

// rightAgain checks what must hold for every source some time after an unknowable
// case.
func (m *model) rightAgain() {
	m.counts["right again"]++
	m.doubt = false
	for one := range m.heard {
		m.old[one] = one != m.newest
	}
}
