package meeting_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

var busy = meeting.Settings{Seed: 7, Bridges: 4, Rate: 60, Scanners: 2}

func TestSameSeedSameMeetings(t *testing.T) {
	one, two := meeting.NewGenerator(busy), meeting.NewGenerator(busy)
	other := busy
	other.Seed++
	three := meeting.NewGenerator(other)
	for range 60 {
		a, b, c := one.Next(), two.Next(), three.Next()
		require.Equal(t, a, b)
		require.NotEqual(t, a, c)
	}
	assert.Equal(t, meeting.Demo(1), meeting.Demo(1))
	assert.NotEqual(t, meeting.Demo(1), meeting.Demo(2))
}

func TestCallBridgesStayWhatTheyAre(t *testing.T) {
	assert.Equal(t, meeting.CallBridge(0), meeting.CallBridge(0))
	assert.NotEqual(t, meeting.CallBridge(0), meeting.CallBridge(1))
	assert.Len(t, meeting.CallBridge(0), 36)
}

// Whatever is made up could have happened.
func TestMeetingsAreConsistent(t *testing.T) {
	for seed := range uint64(5) {
		settings := busy
		settings.Seed = seed
		settings.Bridges = 1 + int(seed%5)
		g := meeting.NewGenerator(settings)
		for range 40 {
			consistent(t, g.Next())
		}
	}
	consistent(t, meeting.Demo(3))
}

// consistent checks one meeting's records against each other.
func consistent(t *testing.T, m meeting.Meeting) {
	t.Helper()
	c := course{calls: map[string]state{}, legs: map[string]state{}, captures: map[string]state{}, last: map[string]wire.Body{}}
	require.True(t, slices.IsSortedFunc(m.Events, func(a, b meeting.Event) int { return int(a.At - b.At) }))
	for _, e := range m.Events {
		require.Equal(t, m.Serial, e.Meeting)
		require.GreaterOrEqual(t, e.At, m.Start)
		require.Zero(t, e.At%time.Second)
		c.take(t, e)
	}
	for _, things := range []map[string]state{c.calls, c.legs, c.captures} {
		for id, s := range things {
			require.True(t, s.ended, id)
		}
	}
}

// state is what is known of a call, leg, recording or streaming.
type state struct {
	bridge int
	began  time.Duration
	ended  bool
	sip    bool
}

type course struct {
	calls, legs, captures map[string]state
	last                  map[string]wire.Body // of each leg
}

func (c course) take(t *testing.T, e meeting.Event) {
	t.Helper()
	begin := func(in map[string]state, id string, sip bool) {
		require.NotContains(t, in, id)
		in[id] = state{bridge: e.Bridge, began: e.At, sip: sip}
	}
	under := func(in map[string]state, id string) state {
		s, ok := in[id]
		require.True(t, ok, "%T before the start of %s", e.Body, id)
		require.False(t, s.ended, "%T after the end of %s", e.Body, id)
		require.Equal(t, s.bridge, e.Bridge)
		return s
	}
	end := func(in map[string]state, id string) state {
		s := under(in, id)
		s.ended = true
		in[id] = s
		return s
	}
	switch b := e.Body.(type) {
	case wire.CallStart:
		begin(c.calls, b.ID, false)
	case wire.CallEnd:
		s := end(c.calls, b.ID)
		require.Equal(t, e.At-s.began, time.Duration(b.DurationSeconds)*time.Second)
		require.GreaterOrEqual(t, b.CallLegsCompleted, b.CallLegsMaxActive)
	case wire.CallLegStart:
		begin(c.legs, b.ID, b.LegType == "sip")
		if b.Call != "" {
			under(c.calls, b.Call)
		}
		c.last[b.ID] = b
	case wire.CallLegUpdate:
		under(c.legs, b.ID)
		if b.Call != "" {
			under(c.calls, b.Call)
		}
		c.last[b.ID] = b
	case wire.CallLegEnd:
		s := end(c.legs, b.ID)
		require.Equal(t, e.At-s.began, time.Duration(b.DurationSeconds)*time.Second)
		c.farewell(t, b, s)
	case wire.RecordingStart:
		begin(c.captures, b.ID, false)
		under(c.legs, b.CallLeg)
		under(c.calls, b.Call)
	case wire.RecordingEnd:
		end(c.captures, b.ID)
	case wire.StreamingStart:
		begin(c.captures, b.ID, false)
		under(c.legs, b.CallLeg)
		under(c.calls, b.Call)
	case wire.StreamingEnd:
		end(c.captures, b.ID)
	}
}

func (c course) farewell(t *testing.T, b wire.CallLegEnd, s state) {
	t.Helper()
	if update, ok := c.last[b.ID].(wire.CallLegUpdate); ok {
		require.Empty(t, update.State, "the last update of a leg tells no state")
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

// A coSpace has one call at a time on a Call Bridge.
func TestSpacesAreNotShared(t *testing.T) {
	type place struct {
		bridge int
		space  string
	}
	held := map[place]string{}
	where := map[string]place{}
	for _, events := range meeting.NewTimeline(meeting.NewGenerator(busy), 500, 0).Seconds() {
		for _, e := range events {
			switch b := e.Body.(type) {
			case wire.CallStart:
				if b.CoSpace != "" {
					at := place{e.Bridge, b.CoSpace}
					require.Empty(t, held[at])
					held[at], where[b.ID] = b.ID, at
				}
			case wire.CallEnd:
				delete(held, where[b.ID])
			}
		}
	}
}
