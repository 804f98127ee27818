package checkpoint

import (
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/callbridge"
)

// savedHistory is the format of the history of a source.
type savedHistory struct {
	_        struct{} `cbor:",toarray"`
	Changes  uint64
	Shared   int64
	Sessions []savedHistorySession
}

type savedHistorySession struct {
	_             struct{} `cbor:",toarray"`
	ID, Follows   string
	Place, High   uint64
	Latest, Heard int64
	Replaced      bool
	Beyond, Since int64
}

func saveHistory(state callbridge.State) savedHistory {
	saved := savedHistory{Changes: state.Revision, Shared: saveTime(state.SharedAt)}
	for _, s := range state.Sessions {
		saved.Sessions = append(saved.Sessions, savedHistorySession{
			ID: s.ID, Follows: s.Predecessor, Place: s.Seniority, High: s.HighestIndex, Latest: saveTime(s.LatestTime), Heard: saveTime(s.LastReceived),
			Replaced: s.Replaced, Beyond: saveTime(s.AliveAfter), Since: saveTime(s.RisingSince),
		})
	}
	return saved
}

func (h *savedHistory) load() callbridge.State {
	state := callbridge.State{Revision: h.Changes, SharedAt: loadTime(h.Shared)}
	for _, s := range h.Sessions {
		state.Sessions = append(state.Sessions, callbridge.Session{
			ID: s.ID, Predecessor: s.Follows, Seniority: s.Place, HighestIndex: s.High, LatestTime: loadTime(s.Latest), LastReceived: loadTime(s.Heard),
			Replaced: s.Replaced, AliveAfter: loadTime(s.Beyond), RisingSince: loadTime(s.Since),
		})
	}
	return state
}

// saveTime returns nanoseconds since 1970, 0 for the zero time.
func saveTime(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func loadTime(saved int64) time.Time {
	if saved == 0 {
		return time.Time{}
	}
	return time.Unix(0, saved).UTC()
}
