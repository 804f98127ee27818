package checkpoint

// Values in format version 1 are decoded, and saved again in
// the current version.

// savedEntity1 is an open entity in version 1, without its earliest record and its
// meeting.
type savedEntity1 struct {
	_         struct{} `cbor:",toarray"`
	Fields    savedFields1
	Trace     []byte
	Call      *savedCall1
	Leg       *savedLeg
	Recording []string
	Streaming []string
}

type savedFields1 struct {
	_                               struct{} `cbor:",toarray"`
	ID                              string
	Start, LastReceived, OrphanedAt uint64
	LastIndex                       uint64
	Extra                           []string
}

type savedCall1 struct {
	_              struct{} `cbor:",toarray"`
	Texts          []string
	Meta           byte
	Discoverable   bool
	PreviousParent []byte
}

// upgrade returns the entity in the current version. In version 1 a call was in the
// meeting of its correlator.
func (t *savedEntity1) upgrade() savedEntity {
	fields := t.Fields
	saved := savedEntity{
		Fields: savedFields{ID: fields.ID, Start: fields.Start, LastReceived: fields.LastReceived, OrphanedAt: fields.OrphanedAt, LastIndex: fields.LastIndex, Extra: fields.Extra},
		Trace:  t.Trace, Leg: t.Leg, Recording: t.Recording, Streaming: t.Streaming,
	}
	if c := t.Call; c != nil {
		saved.Call = &savedCall{Texts: c.Texts, Meta: c.Meta, Discoverable: c.Discoverable, PreviousParent: c.PreviousParent}
		if n := len(c.Texts); c.Discoverable && n > 0 {
			saved.Call.MeetingKey = c.Texts[n-1]
		}
	}
	return saved
}

// savedSession1 is a session in version 1. It has no history of its source, but the
// time when the session began, and whether several servers share its source.
type savedSession1 struct {
	_                   struct{} `cbor:",toarray"`
	ID                  string
	CallBridge          string
	SystemID            string
	Address             string
	Began, LastReceived int64
	SharedSource        bool
	Accepted, Missing   []uint64
	HighestIndex        uint64
	Started             bool
	LatestTime          uint64
	Departures          []savedDeparture
	Slots               int
}

// upgrade converts the session to the current version, and writes the fields that it
// no longer has to s.
func (old *savedSession1) upgrade(saved *savedSession, s *Session) {
	s.SharedSource = old.SharedSource
	*saved = savedSession{
		ID: old.ID, CallBridge: old.CallBridge, SystemID: old.SystemID, Address: old.Address,
		Time: old.Began, Received: old.Began, LastReceived: old.LastReceived,
		Accepted: old.Accepted, Missing: old.Missing, HighestIndex: old.HighestIndex, Started: old.Started,
		LatestTime: old.LatestTime, Departures: old.Departures, Slots: old.Slots,
	}
}
