package meeting

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// TestBacklogs checks which open calls of a coSpace a call joins if Call Bridges send backlogs.
// Times are in seconds.
func TestBacklogs(t *testing.T) {
	const minute, hour, day, now = 60, 3600, 86400, 7 * 86400
	cases := map[string]struct {
		first, second int // when the calls began
		received      int // when the second one was received
		// until is the time of the first session's latest record, untilReceived when that was
		// received; 0 if that was before a restart.
		until, untilReceived int
		joins                bool
	}{
		"both in backlogs, at the same time":             {hour, hour + 2*minute, now, hour, now, true},
		"first behind, an hour apart":                    {hour, 2 * hour, now, hour, now, true},
		"first behind, more than an hour apart":          {hour, 2*hour + 1, now, hour, now, false},
		"first behind, second live":                      {hour, now, now, hour + minute, now, false},
		"first a little behind, second live":             {hour, now, now, now - 14*minute, now, true},
		"first no longer behind":                         {hour, now, now, now - minute, now, true},
		"first live and quiet, second live":              {hour, 10 * hour, 10 * hour, hour + minute, hour + minute, true},
		"first quiet, second in backlog":                 {hour, 10 * hour, 12 * hour, hour + minute, hour + minute, false},
		"first quiet since a restart, second live":       {hour, now, now, hour + minute, 0, true},
		"first quiet since a restart, second in backlog": {hour, day, now, hour + minute, 0, false},
		"first live and quiet, its clock slow":           {hour, 10 * hour, 10 * hour, hour + minute, hour + 21*minute, true},
		"first live and quiet, clock of the second slow": {hour, 10*hour - 20*minute, 10 * hour, hour + minute, hour + minute, true},
		"second behind":                                  {day, hour, now, day, now, false},
		"second behind, an hour apart":                   {now - hour, now - 2*hour, now, now, now, true},
		"second behind, first began before":              {hour, day, now, now, now, true},
		"second in no backlog, first ahead":              {now + 2*hour, now, now, now + 2*hour, now, true},
	}
	require.Len(t, cases, 16)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r, progress := New(), NewProgress(at(c.until), 0)
			tx := r.Begin("one", "cms1", at(c.untilReceived))
			tx.SetProgress(progress)
			tx.Join(JoinRequest{ID: "call", Correlator: correlator, CoSpace: "space", Trace: pcommon.TraceID{1}, Start: at(c.first)})
			tx.Advance(at(c.until), at(c.untilReceived))
			tx.Commit(nil)
			for request, joins := range map[JoinRequest]bool{
				{CoSpace: "space"}: c.joins, {CoSpace: "space", Correlator: correlator}: c.joins, {Correlator: correlator}: true,
			} {
				request.ID, request.Trace, request.Start = "call", pcommon.TraceID{2}, at(c.second)
				other := r.Begin("two", "cms2", at(c.received))
				require.Equal(t, joins, other.Join(request).Trace == pcommon.TraceID{1})
				other.Leave("call", at(c.second))
				other.Commit(nil)
			}
		})
	}
}

// TestBacklogInOneTransaction checks that a call that is only reserved counts as open at its
// start, because a document with a backlog can have the start of the call and its end.
func TestBacklogInOneTransaction(t *testing.T) {
	const day, now = 86400, 7 * 86400
	for second, joins := range map[int]bool{60: true, day: false} {
		r := New()
		r.Begin("one", "cms1", at(now)).Join(JoinRequest{ID: "call", CoSpace: "space", Trace: pcommon.TraceID{1}, Start: at(0)})
		other := r.Begin("two", "cms2", at(now))
		got := other.Join(JoinRequest{ID: "call", CoSpace: "space", Trace: pcommon.TraceID{2}, Start: at(second)})
		require.Equal(t, joins, got.Trace == pcommon.TraceID{1})
	}
}
