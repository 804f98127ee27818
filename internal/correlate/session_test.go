package correlate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

var began = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func second(n int) time.Time { return began.Add(time.Duration(n) * time.Second) }

func newSession(limits Limits) *Session {
	return NewSession("5e550000-0000-4000-8000-000000000001", meeting.New(), limits)
}

// roomy are limits that are never reached.
var roomy = Limits{MaxOpen: 1000, Expire: 24 * time.Hour}

// randomRecord returns a record from a small set of ids, so that records refer to the
// same entities. Ended entities do not come back, so the set changes from time to
// time.
func randomRecord(random *rand.Rand, index int) *cdr.Record {
	world := index / 50
	call := fmt.Sprintf("ca110000-0000-4000-%04d-%012d", world, random.IntN(3))
	id := fmt.Sprintf("1e900000-0000-4000-%04d-%012d", world, random.IntN(5))
	leg := cdr.CallLeg{DisplayName: fmt.Sprint("name ", random.IntN(3)), SubType: "lync", GroupID: fmt.Sprint(random.IntN(2))}
	if random.IntN(2) == 0 {
		leg.Call = call
	}
	correlator := fmt.Sprintf("c0221a70-0000-4000-8000-%012d", random.IntN(2))
	bodies := []cdr.Body{
		&cdr.CallStart{Call: cdr.Call{Name: "Ward 7", CoSpace: fmt.Sprint("space ", random.IntN(2)), Correlator: correlator}},
		&cdr.CallEnd{},
		&cdr.CallLegStart{CallLeg: leg}, &cdr.CallLegEnd{CallLeg: leg},
		&cdr.CallLegUpdate{CallLeg: leg, State: "connected"},
		&cdr.CallLegUpdate{IVR: true},
		&cdr.CallLegUpdate{Deactivated: cdr.Optional[bool]{Value: random.IntN(2) == 0, Present: true}},
		&cdr.RecordingStart{Recording: cdr.Recording{Call: call}}, &cdr.RecordingEnd{},
		&cdr.StreamingStart{Streaming: cdr.Streaming{CallLeg: id}}, &cdr.StreamingEnd{},
	}
	record := &cdr.Record{
		Time: second(index), ID: id, CorrelatorIndex: uint64(max(0, index-random.IntN(20))),
		Body: bodies[random.IntN(len(bodies))],
	}
	switch record.Body.(type) {
	case *cdr.CallStart, *cdr.CallEnd:
		record.ID = call
	}
	if random.IntN(4) == 0 {
		record.Nodes = []cdr.Node{{Name: fmt.Sprint("unknown", random.IntN(3)), Text: fmt.Sprint(random.IntN(3))}}
	}
	return record
}

// snapshot is a copy of the session's state.
func snapshot(s *Session) string {
	var lines []string
	for k, thing := range s.open {
		lines = append(lines, fmt.Sprintf("%v %+v", k, thing))
	}
	for id, keys := range s.byCall {
		for k := range keys {
			lines = append(lines, fmt.Sprintf("in %s %v", id, k))
		}
	}
	for as, id := range s.aliases {
		lines = append(lines, fmt.Sprintf("as %v %s", as, id))
	}
	for k, at := range s.closed.positions {
		lines = append(lines, fmt.Sprintf("closed %v %+v", k, s.closed.ring[at]))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + fmt.Sprint(s.counts, s.latestTime, s.latestReceived, s.nextScan, s.source, s.departures, s.bytes, s.closed.bytes)
}

// requireDerived checks that what is derived from the open entities is consistent
// with them.
func requireDerived(t *testing.T, s *Session) {
	t.Helper()
	counts, inside := [kindCount]int{}, 0
	for k, thing := range s.open {
		require.Equal(t, k, keyOf(thing))
		counts[k.kind]++
		if id := thing.callID(); id != "" {
			require.Contains(t, s.byCall[id], k)
			inside++
		}
	}
	require.Equal(t, counts, s.counts)
	for _, keys := range s.byCall {
		require.NotEmpty(t, keys)
		inside -= len(keys)
	}
	require.Zero(t, inside, "more is within calls than is open")
	for as, id := range s.aliases {
		require.True(t, hasAlias(s.open[key{as.entityKind(), id}], as), "%v refers to what is not open, or not called so", as)
	}
}

// TestDroppedTransaction checks that a transaction does not change the session before
// its commit, and that the same records have the same effect again.
func TestDroppedTransaction(t *testing.T) {
	for seed := range uint64(2) {
		random := rand.New(rand.NewPCG(5, seed))
		session := newSession(Limits{MaxOpen: 4, Expire: time.Hour})
		gapAfter := func(index uint64) bool { return index%2 == 0 }
		for document := range 120 {
			now := second(600 * document)
			var records []*cdr.Record
			for i := range 1 + random.IntN(6) {
				records = append(records, randomRecord(random, document*10+i))
			}
			var plan Plan
			next := ScanTime(0)
			if document%5 == 0 {
				plan, next = session.PlanExpired(now, Liveness{GapAfter: gapAfter, LastReceived: now.Add(-10 * time.Minute)})
			}
			before := snapshot(session)
			var effects [2][]string
			for attempt := range effects {
				tx := session.Begin("cms1", now)
				effects[attempt] = append(effects[attempt], describe(Effect{Ended: tx.CloseIncomplete(plan)}))
				for _, record := range records {
					effects[attempt] = append(effects[attempt], describe(tx.Apply(record)))
				}
				require.Equal(t, before, snapshot(session), "document %d changed the session before its commit", document)
				if attempt == 0 {
					tx.Drop()
					continue
				}
				tx.SetNextScan(next)
				commit(t, session, tx)
			}
			require.Equal(t, effects[0], effects[1])
			requireDerived(t, session)
		}
	}
}

// commit commits, and compares the session with the transaction's changes.
func commit(t *testing.T, session *Session, tx *Transaction) {
	t.Helper()
	open := session.OpenCount()
	for was, is := range tx.Changes() {
		if was == nil {
			open++
		}
		if is == nil {
			open--
		}
	}
	tx.Commit()
	require.Equal(t, open, session.OpenCount(), "the reported changes do not add up")
}

func describe(effect Effect) string {
	text := fmt.Sprintf("%s %s %s", effect.Trace, effect.Span, effect.CallName)
	if effect.Leg != nil {
		text += fmt.Sprintf(" leg %+v", *effect.Leg)
	}
	for _, ended := range effect.Ended {
		text += fmt.Sprintf("\nended %s %s %s %v %v %+v %q", ended.Trace, ended.Span, ended.Parent, ended.Start.AsTime(), ended.End.AsTime(), ended.Entity, ended.Incomplete)
	}
	return text
}

// TestDrains checks that all entities are closed when no more records arrive, and
// that no meeting has a call then.
func TestDrains(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	session := newSession(roomy)
	for index := range 2000 {
		tx := session.Begin("cms1", second(index))
		tx.Apply(randomRecord(random, index))
		commit(t, session, tx)
	}
	require.NotZero(t, session.OpenCount())
	now, fate := second(2000+24*3600), Liveness{GapAfter: never, LastReceived: second(1999)}
	plan, _ := session.PlanExpired(now, fate)
	for some := range slices.Chunk(plan, 3) {
		tx := session.Begin("cms1", now)
		require.NotEmpty(t, tx.CloseIncomplete(some))
		tx.Commit()
		requireDerived(t, session)
	}
	require.Zero(t, session.OpenCount())
	require.Zero(t, session.meetings.CallCount())
	require.Empty(t, session.byCall)
	require.Empty(t, session.aliases)
	plan, _ = session.PlanExpired(now, fate)
	require.Empty(t, plan)
}

func never(uint64) bool { return false }

// TestStartTime checks that a span begins no later than the earliest record about it,
// and that without a start record the duration can give an earlier time.
func TestStartTime(t *testing.T) {
	seconds := func(n int64) cdr.Optional[int64] { return cdr.Optional[int64]{Value: n, Present: true} }
	at := func(n int) pcommon.Timestamp { return pcommon.NewTimestampFromTime(second(n)) }
	cases := map[string]struct {
		of       EntityFields
		duration cdr.Optional[int64]
		want     pcommon.Timestamp
	}{
		"a start record":                     {EntityFields{Start: at(5), Earliest: at(5)}, seconds(60), at(5)},
		"an event before it":                 {EntityFields{Start: at(5), Earliest: at(3)}, seconds(10), at(3)},
		"none, and a duration":               {EntityFields{}, seconds(10), at(50)},
		"none, an event before the duration": {EntityFields{Earliest: at(20)}, seconds(10), at(20)},
		"none, an event within the duration": {EntityFields{Earliest: at(55)}, seconds(10), at(50)},
		"none, and an event":                 {EntityFields{Earliest: at(20)}, cdr.Optional[int64]{}, at(20)},
		"none, an event after the end":       {EntityFields{Earliest: at(70)}, cdr.Optional[int64]{}, at(60)},
		"nothing":                            {EntityFields{}, cdr.Optional[int64]{}, at(60)},
		"a duration that no call has":        {EntityFields{}, seconds(1 << 62), at(60)},
		"a duration below zero":              {EntityFields{}, seconds(-5), at(60)},
		"an end before the start":            {EntityFields{Start: at(90), Earliest: at(90)}, seconds(10), at(90)},
	}
	require.Len(t, cases, 11)
	for name, c := range cases {
		require.Equal(t, c.want, c.of.startTime(at(60), c.duration), name)
	}
}

// TestRolesAndOutcomes checks the roles in their order of precedence, and the
// outcomes by the guide's groups.
func TestRolesAndOutcomes(t *testing.T) {
	yes := cdr.Optional[bool]{Value: true, Present: true}
	for want, leg := range map[string]cdr.CallLeg{
		"recorder":     {Recording: yes, Streaming: yes},
		"streamer":     {Streaming: yes, SubType: "distributionLink"},
		"distribution": {SubType: "distributionLink", LyncSubType: "applicationSharing"},
		"sharing":      {SubType: "lync", LyncSubType: "applicationSharing"},
		"messaging":    {SubType: "lync", LyncSubType: "InstantMessaging"},
		"participant":  {SubType: "lync", LyncSubType: "audioVideo"},
	} {
		require.Equal(t, want, Role(&leg))
	}
	groups := map[string]int{}
	for reason, ending := range endingsByReason {
		require.Equal(t, ending, EndingOf(reason))
		require.Equal(t, reason, ending.Reason)
		groups[ending.Outcome]++
	}
	require.Equal(t, map[string]int{OutcomeCompleted: 7, OutcomeNotJoined: 10, OutcomeFailed: 4}, groups)
	require.Equal(t, Ending{Outcome: OutcomeUnknown}, EndingOf("solarFlare"))
}

// TestExtraIsBounded checks the limit of 32 paths on a span, and that the last value
// of each is kept.
func TestExtraIsBounded(t *testing.T) {
	var extra Extra
	for i := range 100 {
		extra = extra.withRecord(&cdr.Record{Nodes: []cdr.Node{
			{Name: "known", Known: true, Size: 1}, {Name: fmt.Sprint("x", i), Text: "1"},
		}})
	}
	require.Len(t, extra, maxExtra)
	first := extra
	extra = extra.withRecord(&cdr.Record{Attributes: []cdr.Attribute{{Name: "y"}}, Nodes: []cdr.Node{
		{Name: "known", Known: true, Size: 1}, {Name: "x0", Text: "2"},
	}})
	require.Equal(t, cdr.Attribute{Name: "known.x0", Value: "2"}, extra[0])
	require.Equal(t, "1", first[0].Value, "what a session may hold was changed in place")
}
