package callbridge

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAddressOnly checks that a new session replaces none if the source is identified
// by its address alone, because several servers can share it.
func TestAddressOnly(t *testing.T) {
	var h History
	for n, session := range []string{"a", "b"} {
		start := SessionStart{Session: session, Time: epoch, Received: epoch.Add(hour), Seniority: uint64(n), AddressOnly: true}
		require.Equal(t, Verdict{Seniority: uint64(n)}, h.Accept(start))
		require.False(t, h.Observe(session, 1, epoch.Add(day), epoch.Add(day)))
	}
	require.True(t, h.Empty())
	require.False(t, h.Replaced("a"))
	// A system id can equal an address, so a history can get sessions of both.
	h.Accept(SessionStart{Session: "with system id", Time: epoch, Received: epoch})
	require.Zero(t, h.Accept(SessionStart{Session: "c", Time: epoch, Received: epoch, AddressOnly: true}))
	require.False(t, h.Replaced("with system id"))
}

// TestMovedSession moves a session from the history of its system id to that of its Call
// Bridge, as the receiver does if a later document names the Call Bridge. The test checks
// that the session then replaces the one of the Call Bridge, but only once.
func TestMovedSession(t *testing.T) {
	var ofSystemID, ofCallBridge History
	moved := SessionStart{Session: "b", Time: epoch.Add(hour), Received: epoch.Add(hour), Seniority: 2}
	ofCallBridge.Accept(SessionStart{Session: "a", Time: epoch, Received: epoch, Seniority: 1})
	require.Equal(t, Verdict{Seniority: 2}, ofSystemID.Accept(moved))
	want := Verdict{Predecessor: "a", CloseNow: true, Seniority: 1}
	require.Equal(t, want, ofCallBridge.Judge(moved))
	ofSystemID.Forget("b")
	require.True(t, ofSystemID.Empty())
	require.Equal(t, want, ofCallBridge.Accept(moved))
	require.True(t, ofCallBridge.Replaced("a"))
	require.Equal(t, Verdict{Seniority: 1}, ofCallBridge.Accept(moved), "a session that was accepted must not replace another one again")
	require.Len(t, ofCallBridge.sessions, 2)
	require.Equal(t, Verdict{Seniority: 9}, ofSystemID.Accept(SessionStart{Session: "c", Time: epoch, Received: epoch.Add(day), Seniority: 9}))
}

// TestSeniority checks that a successor inherits the seniority of its predecessor, at
// once or when the replacement is detected, and that late sessions and sessions of a second
// server keep their own.
func TestSeniority(t *testing.T) {
	var h History
	acceptedSeniority := func(session string, index uint64, sinceEpoch, recordOffset time.Duration, seniority uint64) uint64 {
		received := epoch.Add(sinceEpoch)
		return h.Accept(SessionStart{Session: session, Index: index, Time: received.Add(recordOffset), Received: received, Seniority: seniority}).Seniority
	}
	require.EqualValues(t, 3, acceptedSeniority("a", 0, 0, 0, 3))
	require.EqualValues(t, 3, acceptedSeniority("b", 0, hour, 0, 7))
	require.EqualValues(t, 8, acceptedSeniority("late", 5, 2*hour, -5*hour, 8))
	h.Observe("late", 6, epoch.Add(3*hour), epoch.Add(3*hour)) // b was silent, so this session replaces it
	require.True(t, h.Replaced("b"))
	require.EqualValues(t, 3, acceptedSeniority("late", 6, 3*hour, 0, 99))
	require.True(t, h.Observe("b", 1, epoch.Add(5*hour), epoch.Add(5*hour)))
	require.EqualValues(t, 12, acceptedSeniority("second", 0, 6*hour, 0, 12))

	// A session that moved from another source can be more senior than its predecessor.
	h = History{}
	require.EqualValues(t, 5, acceptedSeniority("a", 0, 0, 0, 5))
	require.EqualValues(t, 4, acceptedSeniority("moved", 0, hour, 0, 4))
	require.EqualValues(t, 2, acceptedSeniority("moved late", 5, 2*hour, -5*hour, 2))
	h.Observe("moved late", 6, epoch.Add(3*hour), epoch.Add(3*hour))
	require.EqualValues(t, 2, acceptedSeniority("moved late", 6, 3*hour, 0, 99))
}

// TestAcceptedMeanwhile judges two sessions before either is accepted. The second one
// replaces the first, not the session in its first verdict.
func TestAcceptedMeanwhile(t *testing.T) {
	var h History
	startAt := func(session string, sinceEpoch time.Duration) SessionStart {
		return SessionStart{Session: session, Time: epoch.Add(sinceEpoch), Received: epoch.Add(sinceEpoch)}
	}
	h.Accept(startAt("a", 0))
	b, c := startAt("b", hour), startAt("c", 2*hour)
	require.Equal(t, "a", h.Judge(b).Predecessor)
	require.Equal(t, "a", h.Judge(c).Predecessor)
	h.Accept(b)
	require.Equal(t, "b", h.Accept(c).Predecessor)
	require.True(t, h.Replaced("b"))
}

// TestForget checks that a forgotten session is not replaced and is no predecessor.
func TestForget(t *testing.T) {
	var h History
	h.Accept(SessionStart{Session: "a", Time: epoch, Received: epoch})
	h.Accept(SessionStart{Session: "b", Time: epoch.Add(hour), Received: epoch.Add(hour)})
	h.Forget("b")
	h.Forget("unknown")
	require.False(t, h.Replaced("b"))
	require.True(t, h.Replaced("a"))
	require.False(t, h.Observe("b", 5, epoch.Add(day), epoch.Add(day)))
	require.Equal(t, Verdict{}, h.Judge(SessionStart{Session: "c", Time: epoch.Add(day), Received: epoch.Add(day)}))
}

// TestSessionsAreLimited checks that at the limit the oldest replaced session is removed. If none is
// replaced, the session without records for the longest time is removed.
func TestSessionsAreLimited(t *testing.T) {
	var h History
	accept := func(n int) {
		at := epoch.Add(time.Duration(n) * minute)
		h.Accept(SessionStart{Session: fmt.Sprint(n), Time: at, Received: at})
	}
	for n := range maxSessions + 3 {
		accept(n)
	}
	require.Len(t, h.sessions, maxSessions)
	require.Equal(t, "3", h.sessions[0].ID)
	require.Equal(t, fmt.Sprint(maxSessions+2), h.latest("").ID)

	h = History{sharedAt: epoch}
	for n := range maxSessions {
		accept(n)
	}
	at := epoch.Add(hour)
	require.False(t, h.Observe("0", 1, at, at))
	accept(maxSessions)
	require.NotNil(t, h.find("0"))
	require.Nil(t, h.find("1"))

	h = History{sharedAt: epoch}
	for n := range maxSessions + 1 {
		at := epoch.Add(time.Duration(n) * 13 * hour) // the source is shared for a day: 1 replaces none, 2 replaces 1
		h.Accept(SessionStart{Session: fmt.Sprint(n), Time: at, Received: at})
	}
	require.NotNil(t, h.find("0"), "a session that is not replaced was removed before a replaced one")
	require.Nil(t, h.find("1"))
}

// TestRestoreUsesNewestCopy checks that Restore uses the copy with the most changes, in any order of
// the copies.
func TestRestoreUsesNewestCopy(t *testing.T) {
	var h History
	h.Accept(SessionStart{Session: "a", Time: epoch, Received: epoch})
	first := h.State()
	h.Accept(SessionStart{Session: "b", Time: epoch.Add(hour), Received: epoch.Add(hour)})
	second := h.State()
	h.Observe("b", 1, epoch.Add(2*hour), epoch.Add(2*hour))
	require.Zero(t, second.Sessions[1].HighestIndex, "a copy shares memory with the history")
	third := h.State()
	h.Forget("a")
	fourth := h.State()
	require.Equal(t, fourth, Restore(first, fourth, third, second).State())
	require.Equal(t, third, Restore(third, second, first).State())
	require.Equal(t, second, Restore(second, first).State())
	require.True(t, Restore().Empty())
	restored := Restore(second)
	restored.Observe("b", 9, epoch.Add(day), epoch.Add(day))
	require.Zero(t, second.Sessions[1].HighestIndex, "a copy shares memory with the history")
}
