package checkpoint

import (
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/callbridge"
)

// savedHistory is the format of the history of a source.
type savedHistory struct {
	_        struct{} `cbor:",toarray"`
	Revision uint64
	SharedAt int64
	Sessions []savedHistorySession
}

type savedHistorySession struct {
	_                           struct{} `cbor:",toarray"`
	ID, Predecessor             string
	Seniority, HighestIndex     uint64
	LatestTime, LastReceived    int64
	Replaced                    bool
	AliveAfter, NewRecordsSince int64
}

func saveHistory(state callbridge.State) savedHistory {
	saved := savedHistory{Revision: state.Revision, SharedAt: saveTime(state.SharedAt)}
	for _, s := range state.Sessions {
		saved.Sessions = append(saved.Sessions, savedHistorySession{
			ID: s.ID, Predecessor: s.Predecessor, Seniority: s.Seniority, HighestIndex: s.HighestIndex, LatestTime: saveTime(s.LatestTime), LastReceived: saveTime(s.LastReceived),
			Replaced: s.Replaced, AliveAfter: saveTime(s.AliveAfter), NewRecordsSince: saveTime(s.NewRecordsSince),
		})
	}
	return saved
}

func (h *savedHistory) load() callbridge.State {
	state := callbridge.State{Revision: h.Revision, SharedAt: loadTime(h.SharedAt)}
	for _, s := range h.Sessions {
		state.Sessions = append(state.Sessions, callbridge.Session{
			ID: s.ID, Predecessor: s.Predecessor, Seniority: s.Seniority, HighestIndex: s.HighestIndex, LatestTime: loadTime(s.LatestTime), LastReceived: loadTime(s.LastReceived),
			Replaced: s.Replaced, AliveAfter: loadTime(s.AliveAfter), NewRecordsSince: loadTime(s.NewRecordsSince),
		})
	}
	return state
}

// saveTime returns the nanoseconds since 1970, 0 for the zero time.
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
