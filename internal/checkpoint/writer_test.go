package checkpoint

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmscdr/cmscdrreceiver/internal/correlate"
)

// TestFreeSlotsOfLoaded checks that a slot is free if it is empty, cannot be read, or has an entity
// that is also in an earlier slot.
func TestFreeSlotsOfLoaded(t *testing.T) {
	value, err := EncodeEntity(&correlate.Leg{EntityFields: correlate.EntityFields{ID: "a"}})
	require.NoError(t, err)
	l := &Loaded{Session: &Session{ID: "s"}, Writer: NewWriter("s")}
	require.NoError(t, l.addSlot(0, nil))
	require.Error(t, l.addSlot(1, []byte{}))
	require.NoError(t, l.addSlot(2, value))
	require.ErrorContains(t, l.addSlot(3, value), "the entity is also in slot 2")
	require.Len(t, l.Open, 1)
	require.Equal(t, []int{0, 1, 3}, l.Writer.free)
}

// TestSlots checks that a new entity uses the slot of a closed one, and that an entity
// that is closed before it is saved keeps no slot.
func TestSlots(t *testing.T) {
	w := NewWriter("s")
	leg := func(id string) correlate.Entity { return &correlate.Leg{EntityFields: correlate.EntityFields{ID: id}} }
	save := func() (keys []string) {
		operations, err := w.Operations(&Session{ID: "s"})
		require.NoError(t, err)
		for _, op := range operations {
			keys = append(keys, fmt.Sprint(op.Type, " ", op.Key)) // type 1 sets a key, 2 deletes it
		}
		w.MarkSaved()
		require.False(t, w.Dirty())
		return keys
	}
	w.EntityChanged(nil, leg("a"))
	w.EntityChanged(nil, leg("b"))
	w.EntityChanged(leg("b"), nil)
	require.Equal(t, []string{"1 t/0/s", "1 s/s"}, save())
	w.EntityChanged(leg("a"), nil)
	require.Equal(t, []string{"2 t/0/s", "1 s/s"}, save())
	w.EntityChanged(nil, leg("c"))
	require.Equal(t, []string{"1 t/0/s", "1 s/s"}, save())
	w.EntityChanged(nil, leg("d"))
	require.Equal(t, []string{"1 t/1/s", "1 s/s"}, save())
	// A save that fails may still have written its values. If an entity is closed before
	// the next save, its slot is free at once, and its value is deleted.
	for n := range 100 {
		w.EntityChanged(nil, leg(fmt.Sprint(n)))
		_, err := w.Operations(&Session{ID: "s"})
		require.NoError(t, err)
		w.EntityChanged(leg(fmt.Sprint(n)), nil)
	}
	require.Equal(t, []string{"2 t/2/s", "1 s/s"}, save())
	var deleted []string
	for _, op := range w.DeleteOperations() {
		deleted = append(deleted, op.Key)
	}
	require.Equal(t, "s/s t/0/s t/1/s t/2/s", strings.Join(deleted, " "))
	// Clients choose the ids of sessions, so an id can contain a slash.
	require.Equal(t, "a/b", sessionIDOf("t/12/a/b"))
	require.Equal(t, "a/b", sessionIDOf("s/a/b"))
}
