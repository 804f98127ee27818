package callbridge

import (
	"slices"
	"time"
)

// State is a copy of a History to save. A change to a history happens under the lock
// of one session and can concern another, so every session saves a whole copy and
// none has to save for another.
type State struct {
	// Revision is the number of changes up to this copy.
	Revision uint64
	// Shared is when two servers were last detected under the source.
	Shared   time.Time
	Sessions []Session
}

// State returns a copy to save.
func (h *History) State() State {
	return State{Revision: h.revision, Shared: h.shared, Sessions: slices.Clone(h.sessions)}
}

// Restore returns the history of the newest copy. The owner forgets the sessions that
// were not restored.
func Restore(copies ...State) *History {
	var newest State
	for _, state := range copies {
		if state.Revision >= newest.Revision {
			newest = state
		}
	}
	return &History{revision: newest.Revision, shared: newest.Shared, sessions: slices.Clone(newest.Sessions)}
}
