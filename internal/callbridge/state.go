package callbridge

import (
	"slices"
	"time"
)

// Kept is a copy of a History for the storage. A change to a history is made in
// the turn of one session and can concern another, so every session saves a whole
// copy and none has to save for another.
type State struct {
	// Changes is the number of changes to the history up to this copy.
	Revision uint64
	// Shared is when two servers were last seen to share the source.
	Shared   time.Time
	Sessions []Session
}

// Kept returns a copy to be saved.
func (h *History) State() State {
	return State{Revision: h.revision, Shared: h.shared, Sessions: slices.Clone(h.sessions)}
}

// Restore returns the history of the newest copy. The owner forgets those of its
// sessions that were not restored.
func Restore(copies ...State) *History {
	var newest State
	for _, state := range copies {
		if state.Revision >= newest.Revision {
			newest = state
		}
	}
	return &History{revision: newest.Revision, shared: newest.Shared, sessions: slices.Clone(newest.Sessions)}
}
