package checkpoint

import (
	"time"

	"github.com/cmscdr/cmscdrreceiver/internal/callbridge"
)

// history is the form of how the sessions of a source follow each other.
type history struct {
	_        struct{} `cbor:",toarray"`
	Changes  uint64
	Shared   int64
	Sessions []successor
}

type successor struct {
	_             struct{} `cbor:",toarray"`
	ID, Follows   string
	Place, High   uint64
	Latest, Heard int64
	Replaced      bool
	Beyond, Since int64
}

func historyForm(of callbridge.Kept) history {
	form := history{Changes: of.Changes, Shared: timeForm(of.Shared)}
	for _, s := range of.Sessions {
		form.Sessions = append(form.Sessions, successor{
			ID: s.ID, Follows: s.Follows, Place: s.Place, High: s.High, Latest: timeForm(s.Latest), Heard: timeForm(s.Heard),
			Replaced: s.Replaced, Beyond: timeForm(s.Beyond), Since: timeForm(s.Since),
		})
	}
	return form
}

func (h *history) history() callbridge.Kept {
	of := callbridge.Kept{Changes: h.Changes, Shared: timeOf(h.Shared)}
	for _, s := range h.Sessions {
		of.Sessions = append(of.Sessions, callbridge.Session{
			ID: s.ID, Follows: s.Follows, Place: s.Place, High: s.High, Latest: timeOf(s.Latest), Heard: timeOf(s.Heard),
			Replaced: s.Replaced, Beyond: timeOf(s.Beyond), Since: timeOf(s.Since),
		})
	}
	return of
}

// timeForm is a time in nanoseconds since 1970, 0 for no time.
func timeForm(of time.Time) int64 {
	if of.IsZero() {
		return 0
	}
	return of.UnixNano()
}

func timeOf(form int64) time.Time {
	if form == 0 {
		return time.Time{}
	}
	return time.Unix(0, form).UTC()
}
