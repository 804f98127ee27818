package correlate

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cdr"
)

var began = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// randomRecord is a record of a small world, so that ids meet again.
func randomRecord(random *rand.Rand, second int) *cdr.Record {
	call := fmt.Sprintf("ca110000-0000-4000-8000-%012d", random.IntN(3))
	id := fmt.Sprintf("1e900000-0000-4000-8000-%012d", random.IntN(5))
	leg := cdr.CallLeg{DisplayName: fmt.Sprint("name ", random.IntN(3))}
	if random.IntN(2) == 0 {
		leg.Call = call
	}
	bodies := []cdr.Body{
		&cdr.CallStart{Call: cdr.Call{Name: "Ward 7"}}, &cdr.CallEnd{},
		&cdr.CallLegStart{CallLeg: leg}, &cdr.CallLegEnd{CallLeg: leg},
		&cdr.CallLegUpdate{CallLeg: leg, State: "connected"},
		&cdr.CallLegUpdate{IVR: true},
		&cdr.CallLegUpdate{Deactivated: cdr.Optional[bool]{Value: random.IntN(2) == 0, Present: true}},
		&cdr.RecordingStart{Recording: cdr.Recording{Call: call}}, &cdr.RecordingEnd{},
		&cdr.StreamingStart{Streaming: cdr.Streaming{Call: call}}, &cdr.StreamingEnd{},
	}
	record := &cdr.Record{Time: began.Add(time.Duration(second) * time.Second), ID: id, Body: bodies[random.IntN(len(bodies))]}
	switch record.Body.(type) {
	case *cdr.CallStart, *cdr.CallEnd:
		record.ID = call
	}
	if random.IntN(4) == 0 {
		record.Nodes = []cdr.Node{{Name: fmt.Sprint("unknown", random.IntN(3)), Text: fmt.Sprint(random.IntN(3))}}
	}
	return record
}

// snapshot is all that is in a session, by value.
func snapshot(s *Session) string {
	return fmt.Sprintf("%s%s%s%s", byID(s.calls), byID(s.legs), byID(s.recordings), byID(s.streamings))
}

func byID[T any](all map[string]*T) (text string) {
	for _, id := range slices.Sorted(maps.Keys(all)) {
		text += fmt.Sprintf("%s %+v\n", id, *all[id])
	}
	return text
}

// TestDroppedTransaction: whatever a transaction was told, the session is as it
// was until the commit, and the same records again have the same effect.
func TestDroppedTransaction(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	session := NewSession()
	for document := range 200 {
		var records []*cdr.Record
		for i := range 1 + random.IntN(6) {
			records = append(records, randomRecord(random, document*10+i))
		}
		before := snapshot(session)
		var effects [2][]string
		for attempt := range effects {
			tx := session.Begin()
			for _, record := range records {
				effects[attempt] = append(effects[attempt], describe(tx.Apply(record)))
			}
			require.Equal(t, before, snapshot(session), "document %d changed the session before its commit", document)
			if attempt == 1 {
				calls, legs := len(session.calls), len(session.legs)
				for was, is := range tx.Calls() {
					calls += present(is) - present(was)
				}
				for was, is := range tx.Legs() {
					legs += present(is) - present(was)
				}
				tx.Commit()
				require.Equal(t, calls, session.CallCount(), "the changes told of do not add up")
				require.Equal(t, legs, session.LegCount())
			}
		}
		require.Equal(t, effects[0], effects[1])
	}
}

func present[T any](value *T) int {
	if value == nil {
		return 0
	}
	return 1
}

func describe(effect Effect) string {
	text := fmt.Sprintf("%s %s %s", effect.Trace, effect.Span, effect.CallName)
	if effect.Leg != nil {
		text += fmt.Sprintf(" leg %+v", *effect.Leg)
	}
	if effect.Ended != nil {
		text += fmt.Sprintf(" ended %s %s %s %v %v", effect.Ended.Trace, effect.Ended.Span, effect.Ended.Parent, effect.Ended.Start, effect.Ended.End)
	}
	return text
}

// TestStartOf: without a start record the end and the duration tell.
func TestStartOf(t *testing.T) {
	end := began.Add(time.Minute)
	seconds := func(n int64) cdr.Optional[int64] { return cdr.Optional[int64]{Value: n, Present: true} }
	require.Equal(t, began, startOf(began, end, seconds(10)))
	require.Equal(t, began.Add(50*time.Second), startOf(time.Time{}, end, seconds(10)))
	require.Equal(t, end, startOf(time.Time{}, end, cdr.Optional[int64]{}))
	require.Equal(t, end, startOf(time.Time{}, end, seconds(1<<62)), "what no call lasts is not believed")
}

// TestRoles in their order of precedence, and outcomes by the guide's groups.
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
	for reason, ending := range endings {
		require.Equal(t, ending, EndingOf(reason))
		require.Equal(t, reason, ending.Reason)
		groups[ending.Outcome]++
	}
	require.Equal(t, map[string]int{OutcomeCompleted: 7, OutcomeNotJoined: 10, OutcomeFailed: 4}, groups)
	require.Equal(t, Ending{Outcome: OutcomeUnknown}, EndingOf("solarFlare"))
}

// TestExtraIsBounded: at most 32 paths a span, the last value of each.
func TestExtraIsBounded(t *testing.T) {
	var extra Extra
	for i := range 100 {
		extra = extra.with(&cdr.Record{Nodes: []cdr.Node{
			{Name: "known", Known: true, Size: 1}, {Name: fmt.Sprint("x", i), Text: "1"},
		}})
	}
	require.Len(t, extra, maxExtra)
	first := extra
	extra = extra.with(&cdr.Record{Attributes: []cdr.Attribute{{Name: "y"}}, Nodes: []cdr.Node{
		{Name: "known", Known: true, Size: 1}, {Name: "x0", Text: "2"},
	}})
	require.Equal(t, cdr.Attribute{Name: "known.x0", Value: "2"}, extra[0])
	require.Equal(t, "1", first[0].Value, "what a session may hold was changed in place")
}
