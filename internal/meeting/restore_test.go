package meeting

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// TestRestore checks that what departed calls knew about a meeting reaches the last
// departure, across a restart of the receiver.
func TestRestore(t *testing.T) {
	present := func(b bridge, trace byte, start int) Membership {
		return Membership{
			JoinRequest: JoinRequest{ID: "call", Correlator: correlator, Trace: pcommon.TraceID{trace}, Start: at(start)},
			Session:     b.session(), Source: b.source(), Key: correlator, TraceShared: byte(b) != trace,
		}
	}
	left := Departure{Key: correlator, Trace: pcommon.TraceID{1}, Start: at(1), End: at(9)}
	t.Run("one left, one there", func(t *testing.T) {
		r := New()
		require.Equal(t, []CountChange{{Source: "cms1", Active: 1}}, r.Restore([]Membership{present(1, 1, 5)}, []Departure{left}))
		require.Equal(t, Departure{Shared: true, EndsMeeting: true, Key: correlator, Trace: pcommon.TraceID{1}, Start: at(1), End: at(9)}, bridge(1).leave(r, 8))
	})
	t.Run("its span is out", func(t *testing.T) {
		r, told := New(), left
		told.EndsMeeting = true
		r.Restore([]Membership{present(2, 1, 5)}, []Departure{told})
		require.Equal(t, Departure{Shared: true, Key: correlator, Trace: pcommon.TraceID{1}, Start: at(1), End: at(9)}, bridge(2).leave(r, 8))
	})
	t.Run("two there", func(t *testing.T) {
		r := New()
		counts := r.Restore([]Membership{present(2, 1, 6), present(1, 1, 5)}, nil)
		require.Equal(t, []CountChange{{Source: "cms1", Active: 1}}, counts, "it is counted where it began, and has started before")
		require.Equal(t, pcommon.TraceID{1}, bridge(3).join(r, correlator, ""))
		require.True(t, bridge(1).leave(r, 8).Shared)
	})
	t.Run("alone", func(t *testing.T) {
		r, other := New(), left
		other.Trace = pcommon.TraceID{3}
		r.Restore([]Membership{present(1, 1, 5)}, []Departure{other})
		require.False(t, bridge(1).leave(r, 8).Shared)
		require.False(t, r.HasCalls(pcommon.TraceID{3}))
	})
	t.Run("alone with the trace of another", func(t *testing.T) {
		r := New()
		r.Restore([]Membership{present(2, 1, 5)}, nil)
		require.True(t, bridge(2).leave(r, 8).Shared)
	})
	t.Run("two meetings of one correlator", func(t *testing.T) {
		r := New()
		require.Len(t, r.Restore([]Membership{present(3, 3, 9), present(1, 1, 5)}, nil), 2)
		require.Equal(t, pcommon.TraceID{1}, bridge(4).join(r, correlator, ""), "a call joins the older")
	})
	t.Run("two calls of one Call Bridge", func(t *testing.T) {
		r := New()
		behind := present(3, 3, 9)
		behind.Source = bridge(1).source()
		r.Restore([]Membership{behind, present(1, 1, 5)}, nil)
		require.Equal(t, pcommon.TraceID{3}, bridge(4).join(r, correlator, ""), "a call joins the younger")
	})
	t.Run("a call without names", func(t *testing.T) {
		r, nameless := New(), present(1, 1, 5)
		nameless.Correlator = ""
		r.Restore([]Membership{nameless}, nil)
		require.Equal(t, pcommon.TraceID{2}, bridge(2).join(r, correlator, ""))
	})
}
