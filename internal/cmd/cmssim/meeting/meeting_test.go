package meeting_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// busy are the settings of a cluster with many meetings and scanners.
var busy = meeting.Settings{Seed: 7, Bridges: 4, Rate: 60, Scanners: 2}

// TestSameSeedSameMeetings checks that the seed determines the meetings.
func TestSameSeedSameMeetings(t *testing.T) {
	first, same := meeting.NewGenerator(busy), meeting.NewGenerator(busy)
	otherSeed := busy
	otherSeed.Seed++
	other := meeting.NewGenerator(otherSeed)
	for range 60 {
		a, b, c := first.Next(), same.Next(), other.Next()
		require.Equal(t, a, b)
		require.NotEqual(t, a, c)
	}
	assert.Equal(t, meeting.Demo(1), meeting.Demo(1))
	assert.NotEqual(t, meeting.Demo(1), meeting.Demo(2))
}

func TestCallBridgeIDs(t *testing.T) {
	assert.Equal(t, meeting.CallBridge(0), meeting.CallBridge(0))
	assert.NotEqual(t, meeting.CallBridge(0), meeting.CallBridge(1))
	assert.Len(t, meeting.CallBridge(0), 36)
}

// TestMeetingsAreConsistent checks that the records of a meeting do not contradict each other.
func TestMeetingsAreConsistent(t *testing.T) {
	for seed := range uint64(5) {
		settings := busy
		settings.Seed = seed
		settings.Bridges = 1 + int(seed%5)
		g := meeting.NewGenerator(settings)
		for range 800 {
			requireConsistent(t, g.Next())
		}
	}
	requireConsistent(t, meeting.Demo(3))
}

func requireConsistent(t *testing.T, m meeting.Meeting) {
	t.Helper()
	c := entities{
		calls: map[string]state{}, legs: map[string]state{}, captures: map[string]state{},
		lastRecords: map[string]wire.Body{}, sipCallIDs: map[string]string{}, continued: map[string]bool{},
	}
	require.True(t, slices.IsSortedFunc(m.Events, func(a, b meeting.Event) int { return int(a.At - b.At) }))
	for _, e := range m.Events {
		require.Equal(t, m.Serial, e.Meeting)
		require.GreaterOrEqual(t, e.At, m.Start)
		require.Zero(t, e.At%time.Second)
		c.add(t, e)
	}
	for _, states := range []map[string]state{c.calls, c.legs, c.captures} {
		for id, s := range states {
			require.True(t, s.ended, id)
		}
	}
}

// state is the state of a call, leg, recording or streaming.
type state struct {
	bridge  int
	started time.Duration
	ended   bool
	sip     bool
}

// entities holds the states of the entities in the records of a meeting so far.
type entities struct {
	calls, legs, captures map[string]state
	lastRecords           map[string]wire.Body // of each leg
	sipCallIDs            map[string]string    // the last leg with each SIP call id; the two legs of a distribution link share one
	continued             map[string]bool      // the legs that a later leg names as moved or replaced
}

func (c entities) add(t *testing.T, e meeting.Event) {
	t.Helper()
	start := func(in map[string]state, id string, sip bool) {
		require.NotContains(t, in, id)
		in[id] = state{bridge: e.Bridge, started: e.At, sip: sip}
	}
	open := func(in map[string]state, id string) state {
		s, ok := in[id]
		require.True(t, ok, "%T before the start of %s", e.Body, id)
		require.False(t, s.ended, "%T after the end of %s", e.Body, id)
		require.Equal(t, s.bridge, e.Bridge)
		return s
	}
	end := func(in map[string]state, id string) state {
		s := open(in, id)
		s.ended = true
		in[id] = s
		return s
	}
	switch b := e.Body.(type) {
	case wire.CallStart:
		start(c.calls, b.ID, false)
	case wire.CallEnd:
		s := end(c.calls, b.ID)
		require.Equal(t, e.At-s.started, time.Duration(b.DurationSeconds)*time.Second)
		require.GreaterOrEqual(t, b.CallLegsCompleted, b.CallLegsMaxActive)
	case wire.CallLegStart:
		start(c.legs, b.ID, b.LegType == "sip")
		if b.Call != "" {
			open(c.calls, b.Call)
		}
		c.lastRecords[b.ID] = b
		c.checkContinued(t, b)
	case wire.CallLegUpdate:
		open(c.legs, b.ID)
		if b.Call != "" {
			open(c.calls, b.Call)
		}
		c.lastRecords[b.ID] = b
	case wire.CallLegEnd:
		s := end(c.legs, b.ID)
		require.Equal(t, e.At-s.started, time.Duration(b.DurationSeconds)*time.Second)
		c.checkLegEnd(t, b, s)
	case wire.RecordingStart:
		start(c.captures, b.ID, false)
		open(c.legs, b.CallLeg)
		open(c.calls, b.Call)
	case wire.RecordingEnd:
		end(c.captures, b.ID)
	case wire.StreamingStart:
		start(c.captures, b.ID, false)
		open(c.legs, b.CallLeg)
		open(c.calls, b.Call)
	case wire.StreamingEnd:
		end(c.captures, b.ID)
	}
}

// checkContinued checks that a leg continues at most one other leg, and only a leg that started before and that no other leg
// continues.
func (c entities) checkContinued(t *testing.T, b wire.CallLegStart) {
	t.Helper()
	if b.ReplacesSIPCallID != "" {
		require.Contains(t, c.sipCallIDs, b.ReplacesSIPCallID)
	}
	if b.SIPCallID != "" {
		c.sipCallIDs[b.SIPCallID] = b.ID
	}
	require.True(t, b.MovedCallLeg == "" || b.ReplacesSIPCallID == "", b.ID)
	if earlier := cmp.Or(b.MovedCallLeg, c.sipCallIDs[b.ReplacesSIPCallID]); earlier != "" {
		require.NotEqual(t, b.ID, earlier)
		require.Contains(t, c.legs, earlier)
		require.NotContains(t, c.continued, earlier)
		c.continued[earlier] = true
	}
}

func (c entities) checkLegEnd(t *testing.T, b wire.CallLegEnd, s state) {
	t.Helper()
	if update, ok := c.lastRecords[b.ID].(wire.CallLegUpdate); ok {
		require.Empty(t, update.State, "the last update of a leg has a state")
	}
	if b.ActivatedDuration != nil {
		require.GreaterOrEqual(t, *b.ActivatedDuration, 0)
		require.LessOrEqual(t, *b.ActivatedDuration, b.DurationSeconds)
	}
	if b.TxAudio != nil {
		require.Nil(t, b.TxAudio.Packet)
		require.Equal(t, s.sip, b.RxAudio.Packet != nil)
	}
	if b.TxVideo != nil {
		require.Nil(t, b.TxVideo.Packet)
	}
	if b.RxVideo != nil {
		require.Equal(t, s.sip, b.RxVideo.Packet != nil)
	}
}

// TestOneCallPerSpace checks that a coSpace has at most one call at a time on a Call Bridge.
func TestOneCallPerSpace(t *testing.T) {
	type hostedSpace struct {
		bridge int
		space  string
	}
	callIn := map[hostedSpace]string{}
	spaceOf := map[string]hostedSpace{}
	for _, events := range meeting.NewTimeline(meeting.NewGenerator(busy), 500, 0).Seconds() {
		for _, e := range events {
			switch b := e.Body.(type) {
			case wire.CallStart:
				if b.CoSpace != "" {
					space := hostedSpace{e.Bridge, b.CoSpace}
					require.Empty(t, callIn[space])
					callIn[space], spaceOf[b.ID] = b.ID, space
				}
			case wire.CallEnd:
				delete(callIn, spaceOf[b.ID])
			}
		}
	}
}
