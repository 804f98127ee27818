package callbridge

import (
	"slices"
	"time"
)

// State is a copy of a History to save. A document changes the history under the lock of
// its own session, and the change can concern other sessions. Therefore every session
// saves a copy of the whole history, and the change does not require that the other
// sessions are saved. When a session leaves the history, the others must be saved, because
// the newest copy may be that of the session that leaves.
type State struct {
	// Revision is the number of changes up to this copy.
	Revision uint64
	// SharedAt is when two servers were last detected under the source; zero if never.
	SharedAt time.Time
	Sessions []Session
}

// State returns a copy to save. It shares no memory with the history.
func (h *History) State() State {
	return State{Revision: h.revision, SharedAt: h.sharedAt, Sessions: slices.Clone(h.sessions)}
}

// Restore returns the history of the newest copy, empty if there is none. It can have
// sessions that the owner did not restore, or that moved to another source; the owner must
// call Forget for them.
func Restore(copies ...State) *History {
	var newest State
	for _, state := range copies {
		if state.Revision >= newest.Revision {
			newest = state
		}
	}
	return &History{revision: newest.Revision, sharedAt: newest.SharedAt, sessions: slices.Clone(newest.Sessions)}
}
