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

func saveHistory(of callbridge.State) savedHistory {
	saved := savedHistory{Changes: of.Revision, Shared: saveTime(of.Shared)}
	for _, s := range of.Sessions {
		saved.Sessions = append(saved.Sessions, savedHistorySession{
			ID: s.ID, Follows: s.Follows, Place: s.Seniority, High: s.HighestIndex, Latest: saveTime(s.LatestTime), Heard: saveTime(s.LastReceived),
			Replaced: s.Replaced, Beyond: saveTime(s.AliveAfter), Since: saveTime(s.RisingSince),
		})
	}
	return saved
}

func (h *savedHistory) load() callbridge.State {
	of := callbridge.State{Revision: h.Changes, Shared: loadTime(h.Shared)}
	for _, s := range h.Sessions {
		of.Sessions = append(of.Sessions, callbridge.Session{
			ID: s.ID, Follows: s.Follows, Seniority: s.Place, HighestIndex: s.High, LatestTime: loadTime(s.Latest), LastReceived: loadTime(s.Heard),
			Replaced: s.Replaced, AliveAfter: loadTime(s.Beyond), RisingSince: loadTime(s.Since),
		})
	}
	return of
}

// saveTime returns nanoseconds since 1970, 0 for the zero time.
func saveTime(of time.Time) int64 {
	if of.IsZero() {
		return 0
	}
	return of.UnixNano()
}

func loadTime(saved int64) time.Time {
	if saved == 0 {
		return time.Time{}
	}
	return time.Unix(0, saved).UTC()
}
