package checkpoint

// session1 is form 1 of a session. It had no history of its source, but when the session
// began, and whether several servers share its source.
type session1 struct {
	_             struct{} `cbor:",toarray"`
	ID            string
	Bridge        string
	SystemID      string
	Address       string
	Began, Heard  int64
	Several       bool
	Seen, Missing []uint64
	High          uint64
	Started       bool
	Latest        uint64
	Left          []departure
	Slots         int
}

// renew writes form 1 as the form of today, and what that has no place for to the
// session.
func (old *session1) renew(form *session, s *Session) {
	s.Several = old.Several
	*form = session{
		ID: old.ID, Bridge: old.Bridge, SystemID: old.SystemID, Address: old.Address,
		Time: old.Began, Received: old.Began, Heard: old.Heard,
		Seen: old.Seen, Missing: old.Missing, High: old.High, Started: old.Started,
		Latest: old.Latest, Left: old.Left, Slots: old.Slots,
	}
}
