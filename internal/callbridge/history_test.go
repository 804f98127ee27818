package callbridge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var epoch = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * hour
	year   = 365 * day
)

// heard is a document with one new record.
type heard struct {
	after   time.Duration // when it is received
	session string
	index   uint64
	clock   time.Duration // how far the record time is from the receipt
	says    string        // what comes of it
	over    string        // the sessions that are replaced from then on
}

// rules are timelines of one source, each the case of one rule.
var rules = map[string][]heard{
	"restart": {
		{0, "a", 0, 0, "", ""},
		{minute, "a", 9, 0, "", ""},
		{hour, "b", 0, 0, "follows a, close now", "a"},
		{2 * hour, "b", 5, 0, "", "a"},
		{3 * hour, "c", 0, 0, "follows b, close now", "a b"},
	},
	"restart within a second": {
		{0, "a", 0, 0, "", ""},
		{0, "b", 0, 0, "follows a, close now", "a"},
	},
	"restart with a lost beginning": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 7, 0, "follows a, close now", "a"},
		{2 * hour, "b", 8, 0, "", "a"},
	},
	"late records of the older session after a restart": {
		{0, "a", 0, 0, "", ""},
		{hour, "a", 5, 0, "", ""},
		{2 * hour, "b", 0, 0, "follows a, close now", "a"},
		{3 * hour, "a", 6, -90 * minute, "", "a"},
		{3*hour + 1, "b", 1, 0, "", "a"},
		{4 * hour, "a", 9, -2 * hour, "", "a"},
		{5 * hour, "c", 0, 0, "follows b, close now", "a b"},
	},
	"a record of the older session that was on its way is no second server": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "follows a, close now", "a"},
		{hour + minute, "a", 1, 0, "", "a"},
		{hour + 2*minute, "b", 1, 0, "", "a"},
	},
	"a hole in the older session that is filled is no second server": {
		{0, "a", 0, 0, "", ""},
		{minute, "a", 9, 0, "", ""},
		{hour, "b", 0, 0, "follows a, close now", "a"},
		{2 * hour, "a", 8, 0, "", "a"},
		{3 * hour, "b", 1, 0, "", "a"},
	},
	"clock ahead by a year": {
		{0, "a", 0, year, "", ""},
		{day, "a", 5, year, "", ""},
		{2 * day, "b", 0, 0, "follows a, close now", "a"},
		{3 * day, "b", 1, 0, "", "a"},
		{4 * day, "c", 0, 0, "follows b, close now", "a b"},
	},
	"clock ahead by three days": {
		{0, "a", 0, 3 * day, "", ""},
		{hour, "b", 0, 0, "follows a, close now", "a"},
		{2 * hour, "b", 1, 0, "", "a"},
		{3 * hour, "c", 0, 0, "follows b, close now", "a b"},
	},
	"clock ahead by three minutes before a restart": {
		{0, "a", 0, 3 * minute, "", ""},
		{hour, "a", 5, 3 * minute, "", ""},
		{hour + 2*minute, "b", 0, 0, "follows a, close when silent", "a"},
		{2 * hour, "b", 1, 0, "", "a"},
		{3 * hour, "c", 0, 0, "follows b, close now", "a b"},
	},
	"clock ahead by a year, and the next beginning is lost": {
		{0, "a", 0, year, "", ""},
		{hour, "b", 7, 0, "follows a, close now", "a"},
	},
	"clock ahead by three minutes, and the next beginning is lost": {
		{0, "a", 0, 3 * minute, "", ""},
		{2 * minute, "b", 7, 0, "late", "b"},
		{3 * minute, "b", 8, 0, "", "b"},
		{6 * minute, "b", 9, 0, "", "b"},
		{6*minute + 1, "b", 10, 0, "", "a"},
		{hour, "c", 0, 0, "follows b, close now", "a b"},
	},
	"clock ahead by a year, and the next session begins with a backlog": {
		{0, "a", 0, year, "", ""},
		{hour, "a", 5, year, "", ""},
		{2 * hour, "b", 7, -90 * minute, "late", "b"},
		{3 * hour, "b", 8, 0, "", "a"},
	},
	"late records of a session whose clock was ahead": {
		{0, "a", 0, 3 * day, "", ""},
		{hour, "a", 5, 3 * day, "", ""},
		{2 * hour, "b", 0, 0, "follows a, close now", "a"},
		{3 * hour, "a", 6, 3*day - 90*minute, "", "a"},
	},
	"clock ahead for good": {
		{0, "a", 0, year, "", ""},
		{hour, "b", 0, year, "follows a, close now", "a"},
		{2 * hour, "b", 1, year, "", "a"},
		{3 * hour, "c", 0, year, "follows b, close now", "a b"},
	},
	"clock behind at boot, then NTP": {
		{0, "a", 0, 0, "", ""},
		{day, "a", 5, 0, "", ""},
		{day + hour, "b", 0, -50 * year, "follows a, close when silent", "a"},
		{day + hour + minute, "b", 1, -50 * year, "", "a"},
		{day + hour + 2*minute, "b", 2, 0, "", "a"},
		{2 * day, "b", 3, 0, "", "a"},
		{3 * day, "c", 0, -50 * year, "follows b, close when silent", "a b"},
		{4 * day, "c", 1, 0, "", "a b"},
	},
	"late records of the older session while the clock is behind": {
		{0, "a", 0, 0, "", ""},
		{2 * hour, "a", 1, 0, "", ""},
		{3 * hour, "b", 0, -year, "follows a, close when silent", "a"},
		{4 * hour, "a", 2, -90 * minute, "", "a"},
		{5 * hour, "b", 1, 0, "", "a"},
	},
	"a step back in the middle": {
		{0, "a", 0, 2 * hour, "", ""},
		{day, "a", 5, 0, "", ""},
		{day + minute, "b", 0, 0, "follows a, close now", "a"},
		{day + hour, "b", 5, 0, "", "a"},
		{day + 2*hour, "b", 6, -hour, "", "a"},
		{day + 3*hour, "c", 8, -hour, "follows b, close now", "a b"},
	},
	"late session over a second URI": {
		{0, "b", 0, 0, "", ""},
		{hour, "a", 70, -2 * hour, "late", "a"},
		{hour + minute, "a", 71, -90 * minute, "", "a"},
		{2 * hour, "b", 1, 0, "", "a"},
		{3 * hour, "c", 0, 0, "follows b, close now", "a b"},
		{4 * hour, "a", 99, -5 * hour, "", "a b"},
	},
	"late session from its beginning: in doubt until the newer session goes on": {
		{0, "b", 0, 0, "", ""},
		{hour, "a", 0, -3 * hour, "follows b, close when silent", "b"},
		{hour + 1, "b", 1, 0, "", "b"},
		{2 * hour, "b", 2, 0, "", "a"},
		{2*hour + minute, "a", 1, -3 * hour, "", "a"},
		{3 * hour, "b", 3, 0, "", "a"},
		{4 * hour, "c", 0, 0, "follows b, close now", "a b"},
	},
	"late for a day, and the other is silent: a restart with a lost beginning and a clock behind": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 3, -year, "late", "b"},
		{2 * hour, "b", 4, -year, "", "b"},
		{25 * hour, "b", 5, -year, "", "b"},
		{26 * hour, "b", 6, -year, "", "a"},
		{27 * hour, "c", 0, 0, "follows b, close now", "a b"},
	},
	"two servers take turns": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "follows a, close now", "a"},
		{2 * hour, "a", 1, 0, "two servers", ""},
		{3 * hour, "b", 1, 0, "", ""},
		{4 * hour, "c", 0, 0, "", ""},
		{5 * hour, "a", 2, 0, "", ""},
	},
	"two servers, the second with its clock ahead": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 3 * day, "follows a, close now", "a"},
		{2 * hour, "a", 1, 0, "two servers", ""},
	},
	"two servers, the second with its clock behind at boot": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, -year, "follows a, close when silent", "a"},
		{2 * hour, "a", 1, 0, "", "b"},
		{3 * hour, "b", 1, 0, "two servers", ""},
	},
	"two servers, the second set right before the first goes on": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, -year, "follows a, close when silent", "a"},
		{2 * hour, "b", 1, 0, "", "a"},
		{3 * hour, "a", 1, 0, "two servers", ""},
	},
	"two servers, the first with its clock behind for good": {
		{0, "a", 0, -year, "", ""},
		{hour, "b", 0, 0, "follows a, close now", "a"},
		{2 * hour, "a", 1, -year, "", "a"},
		{20 * hour, "b", 1, 0, "", "a"},
		{25 * hour, "a", 2, -year, "", "a"},
		{26 * hour, "a", 3, -year, "two servers", ""},
	},
	"two servers, one with a lost beginning and its clock behind": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 3, -year, "late", "b"},
		{2 * hour, "a", 1, 0, "", "b"},
		{3 * hour, "b", 4, 0, "two servers", ""},
	},
	"the first of two servers goes on after the second has restarted in doubt": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "follows a, close now", "a"},
		{2 * hour, "c", 0, -2 * hour, "follows b, close when silent", "a b"},
		{3 * hour, "a", 1, 0, "two servers", "b"},
	},
	"two servers stop sharing an identity, and the verdict lapses": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "follows a, close now", "a"},
		{2 * hour, "a", 1, 0, "two servers", ""},
		{20 * hour, "b", 1, 0, "", ""},
		{30 * hour, "b", 2, 0, "", ""},
		{43 * hour, "c", 0, 0, "", ""}, // 23 hours after the last turn
		{45 * hour, "d", 0, 0, "follows c, close now", "c"},
		{46 * hour, "e", 0, 0, "follows d, close now", "c d"},
	},
	"a verdict that is confirmed stays": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "follows a, close now", "a"},
		{2 * hour, "a", 1, 0, "two servers", ""},
		{20 * hour, "b", 1, 0, "", ""},
		{40 * hour, "a", 2, 0, "", ""},
		{60 * hour, "c", 0, 0, "", ""},
	},
	"two servers again after a lapse": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "follows a, close now", "a"},
		{2 * hour, "a", 1, 0, "two servers", ""},
		{30 * hour, "b", 1, 0, "two servers", ""},
	},
	"one goes on after a day's silence of the other: nobody takes turns": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "follows a, close now", "a"},
		{26 * hour, "a", 1, 0, "", "b"},
		{27 * hour, "a", 2, 0, "", "b"},
		{28 * hour, "c", 0, 0, "follows a, close now", "a b"},
	},
	"a session that another followed before two servers were seen stays over": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "follows a, close now", "a"},
		{2 * hour, "c", 0, 0, "follows b, close now", "a b"},
		{3 * hour, "b", 1, 0, "two servers", "a"},
		{4 * hour, "a", 1, -3 * hour, "", "a"},
	},
}

// play is how the test hears a timeline.
type play struct {
	history History
	known   map[string]Beginning
}

func (p *play) hear(t *testing.T, one heard) string {
	t.Helper()
	received := epoch.Add(one.after)
	at := received.Add(one.clock)
	says := ""
	if _, known := p.known[one.session]; !known {
		b := Beginning{Session: one.session, Index: one.index, Time: at, Received: received, Place: uint64(len(p.known) + 1)}
		before := p.history.Kept()
		judged := p.history.Judge(b)
		require.Equal(t, before, p.history.Kept(), "a question changes nothing")
		require.Equal(t, judged, p.history.Accept(b))
		p.known[one.session] = b
		says = words(judged)
	}
	if p.history.Heard(one.session, one.index, at, received) {
		says += "two servers"
	}
	return says
}

func words(v Verdict) string {
	switch {
	case v.Late:
		return "late"
	case v.Predecessor == "":
		return ""
	case v.CloseNow:
		return "follows " + v.Predecessor + ", close now"
	default:
		return "follows " + v.Predecessor + ", close when silent"
	}
}

func (p *play) over() string {
	var over []string
	for _, s := range p.history.sessions {
		if p.history.Replaced(s.ID) {
			over = append(over, s.ID)
		}
	}
	return strings.Join(over, " ")
}

func TestRules(t *testing.T) {
	require.Len(t, rules, 32)
	for name, timeline := range rules {
		for _, restarts := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, receiver restarts %t", name, restarts), func(t *testing.T) {
				p := play{known: map[string]Beginning{}}
				for i, one := range timeline {
					require.Equal(t, one.says, p.hear(t, one), "step %d: %+v", i, one)
					require.ElementsMatch(t, strings.Fields(one.over), strings.Fields(p.over()), "step %d: %+v", i, one)
					if restarts {
						p.history = *Restore(Kept{}, p.history.Kept())
					}
				}
			})
		}
	}
}

// TestAddressOnly: an address can hide several servers, so nothing follows from a
// new session.
func TestAddressOnly(t *testing.T) {
	var h History
	for n, session := range []string{"a", "b"} {
		b := Beginning{Session: session, Time: epoch, Received: epoch.Add(hour), Place: uint64(n), AddressOnly: true}
		require.Equal(t, Verdict{Place: uint64(n)}, h.Accept(b))
		require.False(t, h.Heard(session, 1, epoch.Add(day), epoch.Add(day)))
	}
	require.True(t, h.Empty())
	require.False(t, h.Replaced("a"))
	// A system id can look like an address.
	h.Accept(Beginning{Session: "named", Time: epoch, Received: epoch})
	require.Zero(t, h.Accept(Beginning{Session: "c", Time: epoch, Received: epoch, AddressOnly: true}))
	require.False(t, h.Replaced("named"))
}

// TestMovedSession: a session that names its Call Bridge late leaves the history
// of its system id and is judged in that of the Call Bridge.
func TestMovedSession(t *testing.T) {
	var byID, bridge History
	moved := Beginning{Session: "b", Time: epoch.Add(hour), Received: epoch.Add(hour), Place: 2}
	bridge.Accept(Beginning{Session: "a", Time: epoch, Received: epoch, Place: 1})
	require.Equal(t, Verdict{Place: 2}, byID.Accept(moved))
	want := Verdict{Predecessor: "a", CloseNow: true, Place: 1}
	require.Equal(t, want, bridge.Judge(moved))
	byID.Forget("b")
	require.True(t, byID.Empty())
	require.Equal(t, want, bridge.Accept(moved))
	require.True(t, bridge.Replaced("a"))
	require.Equal(t, Verdict{Place: 1}, bridge.Accept(moved), "a session that is known follows nothing anew")
	require.Len(t, bridge.sessions, 2)
	require.Equal(t, Verdict{Place: 9}, byID.Accept(Beginning{Session: "c", Time: epoch, Received: epoch.Add(day), Place: 9}))
}

// TestPlace: a successor has the place of its predecessor, at once or when it
// turns out to be one; a late session and a second server have their own.
func TestPlace(t *testing.T) {
	var h History
	place := func(session string, index uint64, after, clock time.Duration, own uint64) uint64 {
		received := epoch.Add(after)
		return h.Accept(Beginning{Session: session, Index: index, Time: received.Add(clock), Received: received, Place: own}).Place
	}
	require.EqualValues(t, 3, place("a", 0, 0, 0, 3))
	require.EqualValues(t, 3, place("b", 0, hour, 0, 7))
	require.EqualValues(t, 8, place("late", 5, 2*hour, -5*hour, 8))
	h.Heard("late", 6, epoch.Add(3*hour), epoch.Add(3*hour)) // b is silent: a restart after all
	require.True(t, h.Replaced("b"))
	require.EqualValues(t, 3, place("late", 6, 3*hour, 0, 99))
	require.True(t, h.Heard("b", 1, epoch.Add(5*hour), epoch.Add(5*hour)))
	require.EqualValues(t, 12, place("second", 0, 6*hour, 0, 12))
}

// TestAcceptedMeanwhile: two sessions are judged before either is accepted. The
// second follows the first, not the session that both were told.
func TestAcceptedMeanwhile(t *testing.T) {
	var h History
	begin := func(session string, after time.Duration) Beginning {
		return Beginning{Session: session, Time: epoch.Add(after), Received: epoch.Add(after)}
	}
	h.Accept(begin("a", 0))
	b, c := begin("b", hour), begin("c", 2*hour)
	require.Equal(t, "a", h.Judge(b).Predecessor)
	require.Equal(t, "a", h.Judge(c).Predecessor)
	h.Accept(b)
	require.Equal(t, "b", h.Accept(c).Predecessor)
	require.True(t, h.Replaced("b"))
}

// TestForgotten: a session that is not known is not over, follows nothing, and is
// no predecessor.
func TestForgotten(t *testing.T) {
	var h History
	h.Accept(Beginning{Session: "a", Time: epoch, Received: epoch})
	h.Accept(Beginning{Session: "b", Time: epoch.Add(hour), Received: epoch.Add(hour)})
	h.Forget("b")
	h.Forget("never")
	require.False(t, h.Replaced("b"))
	require.True(t, h.Replaced("a"))
	require.False(t, h.Heard("b", 5, epoch.Add(day), epoch.Add(day)))
	require.Equal(t, Verdict{}, h.Judge(Beginning{Session: "c", Time: epoch.Add(day), Received: epoch.Add(day)}))
}

// TestBound: the oldest replaced session goes first, then the one that was heard
// of longest ago; the latest never.
func TestBound(t *testing.T) {
	var h History
	accept := func(n int) {
		at := epoch.Add(time.Duration(n) * minute)
		h.Accept(Beginning{Session: fmt.Sprint(n), Time: at, Received: at})
	}
	for n := range maxSessions + 3 {
		accept(n)
	}
	require.Len(t, h.sessions, maxSessions)
	require.Equal(t, "3", h.sessions[0].ID)
	require.Equal(t, fmt.Sprint(maxSessions+2), h.latest("").ID)

	h = History{shared: epoch}
	for n := range maxSessions {
		accept(n)
	}
	at := epoch.Add(hour)
	require.False(t, h.Heard("0", 1, at, at))
	accept(maxSessions)
	require.NotNil(t, h.find("0"))
	require.Nil(t, h.find("1"))

	h = History{shared: epoch}
	for n := range maxSessions + 1 {
		at := epoch.Add(time.Duration(n) * 13 * hour) // the first two share the source
		h.Accept(Beginning{Session: fmt.Sprint(n), Time: at, Received: at})
	}
	require.NotNil(t, h.find("0"), "it goes on, though it was heard of longest ago")
	require.Nil(t, h.find("1"))
}

// TestNewestCopy: each session saves a copy; the one with most changes is the
// truth, wherever it is found.
func TestNewestCopy(t *testing.T) {
	var h History
	h.Accept(Beginning{Session: "a", Time: epoch, Received: epoch})
	first := h.Kept()
	h.Accept(Beginning{Session: "b", Time: epoch.Add(hour), Received: epoch.Add(hour)})
	second := h.Kept()
	h.Heard("b", 1, epoch.Add(2*hour), epoch.Add(2*hour))
	require.Zero(t, second.Sessions[1].High, "a copy shares nothing with the history")
	third := h.Kept()
	h.Forget("a")
	fourth := h.Kept()
	require.Equal(t, fourth, Restore(first, fourth, third, second).Kept())
	require.Equal(t, third, Restore(second, third, first).Kept())
	require.Equal(t, second, Restore(second, first).Kept())
	require.True(t, Restore().Empty())
	restored := Restore(second)
	restored.Heard("b", 9, epoch.Add(day), epoch.Add(day))
	require.Zero(t, second.Sessions[1].High, "a copy shares nothing with the history")
}
