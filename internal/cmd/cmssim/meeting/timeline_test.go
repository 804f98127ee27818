package meeting_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/meeting"
	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

// TestTimeline checks that the timeline has all events of the meetings, in order.
func TestTimeline(t *testing.T) {
	timeline := meeting.NewTimeline(meeting.NewGenerator(busy), 100, 0)
	last, got := time.Duration(-1), 0
	for at, events := range timeline.Seconds() {
		require.Greater(t, at, last)
		last = at
		for _, e := range events {
			require.Equal(t, at, e.At)
		}
		got += len(events)
	}
	want, g := 0, meeting.NewGenerator(busy)
	for count := 0; count < 100; {
		m := g.Next()
		want += len(m.Events)
		if !m.Scanner {
			count++
		}
	}
	assert.Equal(t, want, got)
	assert.Equal(t, last, meeting.NewTimeline(meeting.NewGenerator(busy), 100, 0).Length())
}

// TestTimelineEnd checks that a timeline ends in the middle of meetings.
func TestTimelineEnd(t *testing.T) {
	timeline := meeting.NewTimeline(meeting.NewGenerator(busy), 0, time.Hour)
	starts, ends := 0, 0
	for at, events := range timeline.Seconds() {
		require.Less(t, at, time.Hour)
		for _, e := range events {
			switch e.Body.(type) {
			case wire.CallStart:
				starts++
			case wire.CallEnd:
				ends++
			}
		}
	}
	// busy has 4 Call Bridges, each with 60 meetings an hour on average.
	assert.Greater(t, starts, 4*40)
	assert.Less(t, ends, starts)
}

func TestTimelineBreak(t *testing.T) {
	for _, events := range meeting.NewTimeline(meeting.NewGenerator(busy), 3, 0).Seconds() {
		assert.NotEmpty(t, events)
		break
	}
}

func TestDemoContent(t *testing.T) {
	generated, bridges := variety{}, map[int]bool{}
	for _, e := range meeting.Demo(1).Events {
		generated.add(e.Body)
		bridges[e.Bridge] = true
	}
	assert.Len(t, bridges, meeting.DemoBridges)
	assert.Equal(t, 20*time.Minute, meeting.Single(meeting.Demo(1)).Length().Round(time.Minute))
	assert.Equal(t, map[string]int{"coSpace": 2}, generated["callType"])
	assert.Equal(t, 1, generated["reason"]["timeout"])
	assert.Equal(t, 1, generated["record"]["recordingStart"])
	assert.Equal(t, 1, generated["alarm"]["packetLoss"])
	assert.NotZero(t, generated["feature"]["ivr"])
	assert.NotZero(t, generated["feature"]["lobby"])
}

// TestHourOfLargestCluster checks that 24 Call Bridges report more than 30,000 records in an hour.
func TestHourOfLargestCluster(t *testing.T) {
	settings := meeting.Settings{Seed: 1, Bridges: 24, Rate: 60, Scanners: 0.2}
	records := 0
	for _, events := range meeting.NewTimeline(meeting.NewGenerator(settings), 0, time.Hour).Seconds() {
		records += len(events)
	}
	assert.Greater(t, records, 30_000)
}

func BenchmarkHour(b *testing.B) {
	records := 0
	for b.Loop() {
		settings := meeting.Settings{Seed: 1, Bridges: 24, Rate: 60, Scanners: 0.2}
		for _, events := range meeting.NewTimeline(meeting.NewGenerator(settings), 0, time.Hour).Seconds() {
			records += len(events)
		}
	}
	b.ReportMetric(float64(records)/float64(b.N), "records/op")
}
