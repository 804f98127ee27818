package correlate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

// describeSession returns the session's state as text.
func describeSession(s *Session) string {
	var lines []string
	for k, entity := range s.open {
		lines = append(lines, fmt.Sprintf("%v %+v", k, entity))
	}
	for callID, keys := range s.byCall {
		for k := range keys {
			lines = append(lines, fmt.Sprintf("in call %s %v", callID, k))
		}
	}
	for a, id := range s.aliases {
		lines = append(lines, fmt.Sprintf("alias %v %s", a, id))
	}
	for k, position := range s.closed.positions {
		lines = append(lines, fmt.Sprintf("closed %v %+v", k, s.closed.ring[position]))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + fmt.Sprint(s.counts, s.latestTime, s.highestIndex, s.latestReceived, s.nextScan, s.source, s.departures, s.bytes, s.closed.bytes)
}

// requireConsistent checks that the counts, byCall and the aliases agree with the open
// entities.
func requireConsistent(t *testing.T, s *Session) {
	t.Helper()
	counts, inCalls := [kindCount]int{}, 0
	for k, entity := range s.open {
		require.Equal(t, k, keyOf(entity))
		counts[k.kind]++
		if callID := entity.callID(); callID != "" {
			require.Contains(t, s.byCall[callID], k)
			inCalls++
		}
	}
	require.Equal(t, counts, s.counts)
	indexed := 0
	for _, keys := range s.byCall {
		require.NotEmpty(t, keys)
		indexed += len(keys)
	}
	require.Equal(t, inCalls, indexed, "byCall holds entities that are not open or not in that call")
	for a, id := range s.aliases {
		require.True(t, hasAlias(s.open[key{a.entityKind(), id}], a), "%v refers to an entity that is not open or does not have it", a)
	}
}

// TestDroppedTransaction checks that a transaction does not change the session before
// its commit, and that the same records have the same effects in the next transaction.
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
			before := describeSession(session)
			var effects [2][]string
			for attempt := range effects {
				tx := session.Begin("cms1", now)
				effects[attempt] = append(effects[attempt], describeEffect(Effect{Ended: tx.CloseIncomplete(plan)}))
				for _, record := range records {
					effects[attempt] = append(effects[attempt], describeEffect(tx.Apply(record)))
				}
				require.Equal(t, before, describeSession(session), "document %d changed the session before its commit", document)
				if attempt == 0 {
					tx.Drop()
					continue
				}
				tx.SetNextScan(next)
				commitAndCheck(t, session, tx)
			}
			require.Equal(t, effects[0], effects[1])
			requireConsistent(t, session)
		}
	}
}

// commitAndCheck commits, and checks that Changes reported the entities that were opened
// or closed.
func commitAndCheck(t *testing.T, session *Session, tx *Transaction) {
	t.Helper()
	want := session.OpenCount()
	for before, after := range tx.Changes() {
		if before == nil {
			want++
		}
		if after == nil {
			want--
		}
	}
	tx.Commit()
	require.Equal(t, want, session.OpenCount(), "Changes does not report all entities that were opened or closed")
}

func describeEffect(effect Effect) string {
	text := fmt.Sprintf("%s %s", effect.Trace, effect.Span)
	if effect.Call != nil {
		text += fmt.Sprintf(" call %+v", *effect.Call)
	}
	if effect.InCall != nil {
		text += fmt.Sprintf(" in %s", effect.InCall.ID)
	}
	if effect.Leg != nil {
		text += fmt.Sprintf(" leg %+v", *effect.Leg)
	}
	for _, ended := range effect.Ended {
		text += fmt.Sprintf("\nended %s %s %s %v %v %+v %q", ended.Trace, ended.Span, ended.Parent, ended.Start.AsTime(), ended.End.AsTime(), ended.Entity, ended.Incomplete)
	}
	return text
}

// TestAllEntitiesExpire checks that all entities are closed if no more records arrive,
// and that no meeting has a call afterwards.
func TestAllEntitiesExpire(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	session := newSession(highLimits)
	for index := range 2000 {
		tx := session.Begin("cms1", second(index))
		tx.Apply(randomRecord(random, index))
		commitAndCheck(t, session, tx)
	}
	require.NotZero(t, session.OpenCount())
	now, liveness := second(2000+24*3600), Liveness{GapAfter: noGap, LastReceived: second(1999)}
	plan, _ := session.PlanExpired(now, liveness)
	for part := range slices.Chunk(plan, 3) {
		tx := session.Begin("cms1", now)
		require.NotEmpty(t, tx.CloseIncomplete(part))
		tx.Commit()
		requireConsistent(t, session)
	}
	require.Zero(t, session.OpenCount())
	require.Zero(t, session.meetings.CallCount())
	require.Empty(t, session.byCall)
	require.Empty(t, session.aliases)
	plan, _ = session.PlanExpired(now, liveness)
	require.Empty(t, plan)
}

// TestDivisionChangesNothing checks that records have the same effects in one transaction as in
// one transaction each. No entity is evicted, because the order of evictions may differ.
func TestDivisionChangesNothing(t *testing.T) {
	for seed := range uint64(120) {
		random := rand.New(rand.NewPCG(99, seed))
		together, divided := newSession(highLimits), newSession(highLimits)
		for document := range 25 {
			now := second(20 * document)
			tx := together.Begin("cms1", now)
			for i := range 1 + random.IntN(8) {
				record := randomRecord(random, document*10+i)
				switch body := record.Body.(type) {
				case *cdr.CallLegStart:
					body.SIPCallID = fmt.Sprint("dialog ", random.IntN(3))
				case *cdr.CallLegUpdate:
					body.ReplacesSIPCallID = fmt.Sprint("dialog ", random.IntN(3))
				}
				alone := divided.Begin("cms1", now)
				require.Equal(t, describeEffect(alone.Apply(record)), describeEffect(tx.Apply(record)))
				alone.Commit()
			}
			tx.Commit()
			require.Equal(t, describeSession(divided), describeSession(together))
		}
	}
}
