package callbridge

import (
	"slices"
	"time"
)

// Kept is a copy of a History for the storage. A change to a history is made in
// the turn of one session and can concern another, so every session saves a whole
// copy and none has to save for another.
type Kept struct {
	// Changes is the number of changes to the history up to this copy.
	Changes uint64
	// Shared is when two servers were last seen to share the source.
	Shared   time.Time
	Sessions []Session
}

// Kept returns a copy to be saved.
func (h *History) Kept() Kept {
	return Kept{Changes: h.changes, Shared: h.shared, Sessions: slices.Clone(h.sessions)}
}

// Restore returns the history of the newest copy. The owner forgets those of its
// sessions that were not restored.
func Restore(copies ...Kept) *History {
	var newest Kept
	for _, one := range copies {
		if one.Changes >= newest.Changes {
			newest = one
		}
	}
	return &History{changes: newest.Changes, shared: newest.Shared, sessions: slices.Clone(newest.Sessions)}
}
