package meeting

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// TestManyCallsOfBridge checks that a Call Bridge with many calls of one correlator has a
// meeting for each, and that a call of another Call Bridge joins the newest of them. The
// index keeps the newest ones only.
func TestManyCallsOfBridge(t *testing.T) {
	r := New()
	const calls = maxMeetingsOfID + 10
	traceOf := func(call int) pcommon.TraceID { return pcommon.TraceID{1, byte(call)} }
	for call := range calls {
		tx := bridge(1).begin(r, call)
		request := JoinRequest{ID: fmt.Sprint(call), Correlator: correlator, Trace: traceOf(call), Start: at(call)}
		require.Equal(t, traceOf(call), tx.Join(request).Trace)
		tx.Commit(nil)
		require.LessOrEqual(t, len(r.byJoinID[joinID{id: correlator}]), maxMeetingsOfID)
	}
	require.Equal(t, traceOf(calls-1), bridge(2).join(r, correlator, ""))
	tx := bridge(2).begin(r, 100)
	second := JoinRequest{ID: "second", Correlator: correlator, Trace: pcommon.TraceID{2}, Start: at(100)}
	require.Equal(t, traceOf(calls-2), tx.Join(second).Trace, "the newest meeting has a call of the source")
	tx.Commit(nil)

	tx = bridge(1).begin(r, 100)
	for call := range calls {
		require.Equal(t, traceOf(call), tx.Leave(fmt.Sprint(call), at(100)).Trace)
	}
	tx.Commit(nil)
	bridge(2).leave(r, 100)
	require.Len(t, r.byTrace, 1)
	require.Len(t, r.byJoinID[joinID{id: correlator}], 1, "a meeting that ended can still be found")
}

// TestManyIDsOfMeeting checks that the ids of a meeting are limited, although calls with
// further ids join it and leave, and that a call joins it by the earlier ids only.
func TestManyIDsOfMeeting(t *testing.T) {
	r := New()
	require.Equal(t, bridge(1).trace(), bridge(1).join(r, correlator, "")) // the first id
	for i := range maxJoinIDs + 10 {
		require.Equal(t, bridge(1).trace(), bridge(2).join(r, correlator, fmt.Sprint("coSpace ", i)))
		bridge(2).leave(r, i)
	}
	require.Len(t, r.byJoinID, maxJoinIDs)
	require.Equal(t, bridge(1).trace(), bridge(3).join(r, "", fmt.Sprint("coSpace ", maxJoinIDs-2)))
	require.Equal(t, bridge(4).trace(), bridge(4).join(r, "", fmt.Sprint("coSpace ", maxJoinIDs-1)))
	for b := range bridge(5) {
		bridge(b).leave(r, 1000)
	}
	require.Empty(t, r.byJoinID)
}

// TestLongIDsOfMeeting checks that calls find a meeting by ids of any length, and that the
// meeting keeps few bytes of each, because the calls with them can have left.
func TestLongIDsOfMeeting(t *testing.T) {
	r := New()
	long := strings.Repeat("x", 1000)
	require.Equal(t, bridge(1).trace(), bridge(1).join(r, "", long))
	require.Equal(t, bridge(1).trace(), bridge(2).join(r, long, long))
	require.Equal(t, bridge(1).trace(), bridge(3).join(r, long, ""))
	require.Equal(t, bridge(4).trace(), bridge(4).join(r, long[1:], ""), "another id")
	for _, id := range r.calls[Call{Session: bridge(1).session(), ID: "call"}].meeting.joinIDs {
		require.LessOrEqual(t, len(id.id), maxJoinIDBytes)
	}
	for _, b := range []bridge{2, 3} {
		require.False(t, b.leave(r, 10).EndsMeeting)
	}
	require.True(t, bridge(1).leave(r, 10).KeyIsCoSpace)
}
